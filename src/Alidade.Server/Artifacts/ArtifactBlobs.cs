using Alidade.Storage.Blobs;
using Alidade.Storage.Runs;

namespace Alidade.Server.Artifacts;

internal static class ArtifactBlobs
{
    /// <summary>The content of a file that must be there, since an artifact names it.</summary>
    public static async Task<Stream> OpenArtifactAsync(
        this IBlobStore blobs,
        ArtifactFile file,
        CancellationToken cancellation
    ) =>
        await blobs.OpenAsync(file.Sha256, cancellation)
        ?? throw new InvalidDataException($"The blob {file.Sha256} of {file.Path} is missing from the store.");
}
