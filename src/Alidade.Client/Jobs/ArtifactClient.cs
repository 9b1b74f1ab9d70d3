using Alidade.Client.Http;

namespace Alidade.Client;

/// <summary>Files that jobs produced.</summary>
public sealed class ArtifactClient
{
    private readonly Transport _transport;

    internal ArtifactClient(Transport transport) => _transport = transport;

    public Task<Artifact> GetAsync(long id, CancellationToken cancellation = default) =>
        _transport.GetAsync<Artifact>($"artifacts/{id}", cancellation);

    public Task<IReadOnlyList<ArtifactFile>> FilesAsync(long id, CancellationToken cancellation = default) =>
        _transport.GetAsync<IReadOnlyList<ArtifactFile>>($"artifacts/{id}/files", cancellation);

    /// <summary>The content as it arrives: a file's bytes, or a folder as an archive.</summary>
    /// <param name="path">A file within a folder.</param>
    public Task<Stream> OpenAsync(long id, string? path = null, CancellationToken cancellation = default) =>
        _transport.OpenAsync(Query.Of($"artifacts/{id}/contents", ("path", path)), cancellation);
}

public sealed record Artifact(
    long Id,
    long Snapshot,
    string? Description,
    string ArtifactUri,
    long Job,
    bool IsDir,
    long? FileSize
);

public sealed record ArtifactFile(string RelativePath, bool IsDir, long? FileSize);
