using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Alidade.Server.Platform;
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
            s =>
            {
                var (_, payload, files) = Find(s, caller, id, null);
                return [.. files.Select(f => View(id, payload, f))];
            },
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
        var (row, payload, files) = await stores.Core.ReadAsync(s => Find(s, caller, id, snapshot), cancellation);
        if (!payload.IsDir)
        {
            return path is null
                ? await FileAsync(context, files[0], cancellation)
                : throw new RefusedException(
                    "QueryParameterValidationError",
                    $"Artifact {id} is a file and has no paths in it. Leave out path."
                );
        }

        var inside = path?.Trim('/');
        if (inside is not null && files.FirstOrDefault(f => f.Path == inside) is { } file)
        {
            return await FileAsync(context, file, cancellation);
        }

        var chosen = inside is null or ""
            ? files
            : [.. files.Where(f => f.Path.StartsWith(inside + "/", StringComparison.Ordinal))];
        if (chosen.Count == 0 && inside is not null)
        {
            throw new NotFoundException("artifact_file", ("artifact_id", row.Id), ("path", inside));
        }

        return Archive(context, Path.GetFileName(payload.Path), chosen, fileType ?? "tar_gz");
    }

    private static (Versioned, ArtifactPayload, IReadOnlyList<ArtifactFile>) Find(
        ISession s,
        Caller caller,
        long id,
        long? snapshot
    )
    {
        var row = snapshot is { } number
            ? Resources.GetSnapshot(s, ArtifactKind.Kind, caller, id, number)
            : Resources.Get(s, ArtifactKind.Kind, caller, id);
        var payload = row.Read<ArtifactPayload>();
        var stored =
            RunStore.Artifact(s, payload.Run, payload.Path)
            ?? throw new NotFoundException("artifact_file", ("artifact_id", id));
        var files = JsonSerializer.Deserialize<ArtifactFile[]>(stored.Content, JsonSerializerOptions.Web)!;
        return (row, payload, files);
    }

    private static ArtifactFileView View(long id, ArtifactPayload payload, ArtifactFile file)
    {
        var path = payload.IsDir ? file.Path : Path.GetFileName(payload.Path);
        var url = $"{Wire.Root}/artifacts/{id}/contents?path={Uri.EscapeDataString(path)}";
        return new ArtifactFileView(path, false, file.Size, url);
    }

    private async Task<IResult> FileAsync(HttpContext context, ArtifactFile file, CancellationToken cancellation)
    {
        var content = await OpenAsync(file, cancellation);
        var name = Path.GetFileName(file.Path);
        var type = Types.TryGetContentType(name, out var known) ? known : "application/octet-stream";
        SafeHeaders.Write(context.Response, type, name);
        return Results.Stream(
            content,
            type,
            entityTag: new EntityTagHeaderValue($"\"{file.Sha256}\""),
            enableRangeProcessing: true
        );
    }

    private IResult Archive(HttpContext context, string name, IReadOnlyList<ArtifactFile> files, string fileType)
    {
        var (type, ending, write) = fileType switch
        {
            "tar_gz" => ("application/gzip", ".tar.gz", (Func<Stream, CancellationToken, Task>)TarAsync),
            "zip" => ("application/zip", ".zip", ZipAsync),
            _ => throw new InvalidInputException("fileType", "Must be one of: tar_gz, zip."),
        };
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Stream(body => write(body, context.RequestAborted), type, name + ending);

        async Task TarAsync(Stream body, CancellationToken cancellation)
        {
            await using var packed = new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true);
            await using var tar = new TarWriter(packed, TarEntryFormat.Pax, leaveOpen: true);
            foreach (var file in files)
            {
                await using var content = await OpenAsync(file, cancellation);
                var entry = new PaxTarEntry(TarEntryType.RegularFile, file.Path) { DataStream = content };
                await tar.WriteEntryAsync(entry, cancellation);
            }
        }

        async Task ZipAsync(Stream body, CancellationToken cancellation)
        {
            await using var zip = await ZipArchive.CreateAsync(
                body,
                ZipArchiveMode.Create,
                leaveOpen: true,
                entryNameEncoding: null,
                cancellation
            );
            foreach (var file in files)
            {
                await using var content = await OpenAsync(file, cancellation);
                await using var entry = await zip.CreateEntry(file.Path, CompressionLevel.Fastest)
                    .OpenAsync(cancellation);
                await content.CopyToAsync(entry, cancellation);
            }
        }
    }

    private async Task<Stream> OpenAsync(ArtifactFile file, CancellationToken cancellation) =>
        await blobs.OpenAsync(file.Sha256, cancellation)
        ?? throw new InvalidDataException($"The blob {file.Sha256} of {file.Path} is missing from the store.");
}
