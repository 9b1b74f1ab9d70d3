using System.Security.Cryptography;
using System.Text;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Archives;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Blobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Alidade.Server.Artifacts;

/// <summary>The bytes of artifacts: a file as it is, a folder as an archive, both streamed.</summary>
public sealed class ArtifactContents(Stores stores, IBlobStore blobs)
{
    private static readonly FileExtensionContentTypeProvider Types = new();

    public Task<IReadOnlyList<ArtifactFileView>> FilesAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync<IReadOnlyList<ArtifactFileView>>(
            s => [.. Find(s, caller, id, null).Files.Select(f => View(id, f))],
            cancellation
        );

    /// <param name="path">A file or folder within the artifact; null for all of it.</param>
    /// <param name="fileType"><c>tar_gz</c> or <c>zip</c>, for a folder.</param>
    public async Task<IResult> OpenAsync(
        HttpContext context,
        Caller caller,
        long id,
        long? snapshot,
        string? path,
        string? fileType,
        CancellationToken cancellation
    )
    {
        var archive = ArchiveFormat.Of(fileType);
        var artifact = await stores.Core.ReadAsync(s => Find(s, caller, id, snapshot), cancellation);
        var inside = path?.Trim('/') ?? "";
        if (!artifact.Payload.IsDir)
        {
            // The list of files links to a single file by its name.
            return inside.Length == 0 || inside == artifact.Files[0].Path
                ? await FileAsync(context, artifact, artifact.Files[0], cancellation)
                : throw new RefusedException(
                    "QueryParameterValidationError",
                    $"Artifact {id} is a file and has no paths in it. Leave out path."
                );
        }

        if (artifact.Files.FirstOrDefault(f => f.Path == inside) is { } file)
        {
            return await FileAsync(context, artifact, file, cancellation);
        }

        var chosen =
            inside.Length == 0
                ? artifact.Files
                : [.. artifact.Files.Where(f => f.Path.StartsWith(inside + "/", StringComparison.Ordinal))];
        return chosen.Count > 0 || inside.Length == 0
            ? Archive(context, artifact, inside, chosen, archive)
            : throw new NotFoundException("artifact_file", ("artifact_id", id), ("path", inside));
    }

    private static Found Find(ISession s, Caller caller, long id, long? snapshot)
    {
        var row = snapshot is { } number
            ? Resources.GetSnapshot(s, ArtifactKind.Kind, caller, id, number)
            : Resources.Get(s, ArtifactKind.Kind, caller, id);
        var payload = row.Read<ArtifactPayload>();
        return new Found(
            payload,
            ArtifactFiles.Of(s, id, payload),
            DateTimeOffset.UnixEpoch.AddMicroseconds(row.SnapshotCreated)
        );
    }

    private static ArtifactFileView View(long id, ArtifactFile file) =>
        new(file.Path, false, file.Size, $"{Wire.Root}/artifacts/{id}/contents?path={Uri.EscapeDataString(file.Path)}");

    /// <summary>With ranges and conditions, which the framework answers from the tag and the time.</summary>
    private async Task<IResult> FileAsync(
        HttpContext context,
        Found artifact,
        ArtifactFile file,
        CancellationToken cancellation
    )
    {
        var content = await blobs.OpenArtifactAsync(file, cancellation);
        var name = Path.GetFileName(file.Path);
        var type = Types.TryGetContentType(name, out var known) ? known : "application/octet-stream";
        SafeHeaders.Write(context.Response, type, name);
        return Results.Stream(
            content,
            type,
            lastModified: artifact.Made,
            entityTag: new EntityTagHeaderValue($"\"{file.Sha256}\""),
            enableRangeProcessing: IsOfBytes(context.Request.GetTypedHeaders().Range)
        );
    }

    /// <summary>Ranges of other units are to be ignored; the framework would read them as bytes.</summary>
    private static bool IsOfBytes(RangeHeaderValue? range) => range is null || range.Unit == "bytes";

    /// <summary>Packed anew each time, so parts of it cannot be asked for; what a client has, it need not fetch again.</summary>
    private IResult Archive(
        HttpContext context,
        Found artifact,
        string inside,
        IReadOnlyList<ArtifactFile> files,
        ArchiveFormat archive
    )
    {
        var tag = new EntityTagHeaderValue($"\"{Digest(files, archive)}\"", isWeak: true);
        var headers = context.Response.GetTypedHeaders();
        headers.ETag = tag;
        headers.LastModified = artifact.Made;
        SafeHeaders.Write(context.Response);
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(known => Matches(known, tag)))
        {
            return Results.StatusCode(StatusCodes.Status304NotModified);
        }

        var top = Path.GetFileName(inside.Length == 0 ? artifact.Payload.Path : inside);
        var entries = files.Select(f => new ArchiveEntry(f.Path, c => blobs.OpenArtifactAsync(f, c))).ToList();
        return Results.Stream(
            body =>
                HttpMethods.IsHead(context.Request.Method)
                    ? Task.CompletedTask
                    : archive.WriteAsync(entries, artifact.Made, body, context.RequestAborted),
            archive.Type,
            top + archive.Ending
        );
    }

    private static bool Matches(EntityTagHeaderValue known, EntityTagHeaderValue tag) =>
        known.Equals(EntityTagHeaderValue.Any) || known.Compare(tag, useStrongComparison: false);

    private static string Digest(IReadOnlyList<ArtifactFile> files, ArchiveFormat archive)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData(Encoding.UTF8.GetBytes(archive.Ending));
        foreach (var file in files)
        {
            digest.AppendData(Encoding.UTF8.GetBytes($"{file.Path}\0{file.Sha256}\0"));
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    private sealed record Found(ArtifactPayload Payload, IReadOnlyList<ArtifactFile> Files, DateTimeOffset Made);
}
