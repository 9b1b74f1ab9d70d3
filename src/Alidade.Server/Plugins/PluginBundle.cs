using System.Text.Encodings.Web;
using System.Text.Json;
using Alidade.Server.Platform.Archives;
using Alidade.Server.Platform.Errors;
using Alidade.Storage.Blobs;

namespace Alidade.Server.Plugins;

/// <summary>
/// Plugins at certain snapshots as one archive: each file at <c>plugin/path.py</c>, and a <c>manifest.json</c> that says
/// which snapshots they are and what their contents must hash to.
/// </summary>
public sealed class PluginBundle(IBlobStore blobs)
{
    private const string ManifestPath = "manifest.json";

    /// <summary>Beside each file; the earliest that a ZIP file can say, so that equal snapshots are equal bytes.</summary>
    private static readonly DateTimeOffset Time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>What a bundle of these snapshots holds, in an order that is always the same.</summary>
    /// <exception cref="RefusedException">Two of them have one name, and so would have one folder.</exception>
    internal static IReadOnlyList<BundledPlugin> Read(
        ISession s,
        IEnumerable<(long Id, string Name, long Snapshot)> plugins
    )
    {
        var ordered = plugins.OrderBy(p => p.Name, StringComparer.Ordinal).ToList();
        if (ordered.GroupBy(p => p.Name).FirstOrDefault(g => g.Count() > 1) is { } clash)
        {
            throw new RefusedException(
                "PluginNameClashError",
                $"More than one of the plugins is named {clash.Key}, and a bundle has one folder for it. Rename or remove one."
            );
        }

        var files = PluginFiles.Of(s, [.. ordered.Select(p => p.Snapshot)]);
        return [.. ordered.Select(p => new BundledPlugin(p.Id, p.Name, p.Snapshot, Files(p)))];

        List<BundledFile> Files((long Id, string Name, long Snapshot) plugin) =>
            [
                .. files[plugin.Snapshot]
                    .OrderBy(f => f.Filename, StringComparer.Ordinal)
                    .Select(f => new BundledFile(
                        $"{plugin.Name}/{f.Filename}",
                        f.FileId,
                        f.FileSnapshot,
                        f.Blob.Sha256,
                        f.Blob.Size
                    )),
            ];
    }

    /// <param name="name">Of the download, without its ending.</param>
    internal IResult Download(HttpContext context, string name, string? fileType, IReadOnlyList<BundledPlugin> plugins)
    {
        var format = ArchiveFormat.Of(fileType);
        IReadOnlyList<ArchiveEntry> entries =
        [
            new ArchiveEntry(ManifestPath, _ => Manifest(plugins)),
            .. plugins.SelectMany(p => p.Files).Select(Entry),
        ];
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Stream(
            body => format.WriteAsync(entries, Time, body, context.RequestAborted),
            format.Type,
            name + format.Ending
        );
    }

    private static Task<Stream> Manifest(IReadOnlyList<BundledPlugin> plugins) =>
        Task.FromResult<Stream>(
            new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(new BundleManifest(plugins), Json))
        );

    private ArchiveEntry Entry(BundledFile file) =>
        new(
            file.Path,
            async cancellation =>
                await blobs.OpenAsync(file.Sha256, cancellation)
                ?? throw new InvalidDataException($"The blob {file.Sha256} of {file.Path} is missing from the store.")
        );
}

internal sealed record BundleManifest(IReadOnlyList<BundledPlugin> Plugins);

internal sealed record BundledPlugin(long Id, string Name, long Snapshot, IReadOnlyList<BundledFile> Files);

/// <param name="Path">In the archive.</param>
internal sealed record BundledFile(string Path, long Id, long Snapshot, string Sha256, long Size);
