using System.Text.Json;
using Alidade.Worker.Processes;
using Alidade.Worker.Protocol;
using Alidade.Worker.Sessions;

namespace Alidade.Worker.Attempts;

/// <summary>The event or its files cannot be handed over, however often they are sent.</summary>
internal sealed class UnreportableException(string message) : Exception(message);

/// <summary>Brings the files of an <c>artifact</c> event to the server before the event itself.</summary>
internal sealed class ArtifactUploader(ReliableServer server)
{
    public async Task UploadAsync(AttemptFolder folder, ReadOnlyMemory<byte> line, CancellationToken cancellation)
    {
        var artifact =
            JsonSerializer.Deserialize(line.Span, WorkerJson.Default.ArtifactEvent)
            ?? throw new UnreportableException("An artifact event is null.");
        Check(artifact, "its folder", artifact.Root);
        foreach (var file in artifact.Files)
        {
            Check(artifact, "a file", file.Path);
            await UploadAsync(folder, artifact, file, cancellation);
        }
    }

    private async Task UploadAsync(
        AttemptFolder folder,
        ArtifactEvent artifact,
        ArtifactFile file,
        CancellationToken cancellation
    )
    {
        try
        {
            await server.SendAsync(
                async (calls, session, token) =>
                {
                    // Opened anew for each try, because a failed one has read part of it.
                    await using var stream = Open(folder, artifact, file);
                    await calls.UploadAsync(session, file.Sha256, stream, token);
                },
                cancellation
            );
        }
        catch (ServerException e) when (e.Refusal is Refusal.Rejected)
        {
            throw Unreportable(artifact, file.Path, e.Message);
        }
        catch (IOException e)
        {
            throw Unreportable(artifact, file.Path, e.Message);
        }
    }

    private static FileStream Open(AttemptFolder folder, ArtifactEvent artifact, ArtifactFile file)
    {
        var handle = Native.OpenBeneath(folder.Path, $"{artifact.Root}/{file.Path}");
        var stream = new FileStream(handle, FileAccess.Read);
        if (stream.CanSeek && stream.Length == file.Size)
        {
            return stream;
        }

        stream.Dispose();
        throw new IOException($"it is no file of {file.Size} bytes any more");
    }

    private static void Check(ArtifactEvent artifact, string what, string path)
    {
        if (RelativePath.Problem(path) is { } problem)
        {
            throw new UnreportableException($"Artifact '{artifact.Name}': the path of {what} '{path}' {problem}.");
        }
    }

    private static UnreportableException Unreportable(ArtifactEvent artifact, string path, string why) =>
        new($"Artifact '{artifact.Name}': the file '{path}' could not be handed over: {why}");
}
