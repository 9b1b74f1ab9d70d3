using System.Formats.Tar;
using System.IO.Compression;
using Alidade.Server.Platform.Errors;

namespace Alidade.Server.Platform.Archives;

/// <summary>A file in an archive.</summary>
/// <param name="Path">Relative, with slashes.</param>
/// <param name="OpenAsync">Its content, seekable; asked for when its turn comes.</param>
public sealed record ArchiveEntry(string Path, Func<CancellationToken, Task<Stream>> OpenAsync);

/// <summary>
/// Packs files into an archive while it is sent: at no time is more in memory than a buffer of one file. The same files
/// with the same time are the same bytes, whoever packs them and when.
/// </summary>
/// <param name="WriteAsync">With the time that is written beside each file.</param>
public sealed record ArchiveFormat(
    string Type,
    string Ending,
    Func<IReadOnlyList<ArchiveEntry>, DateTimeOffset, Stream, CancellationToken, Task> WriteAsync
)
{
    private const UnixFileMode Mode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly ArchiveFormat TarGz = new("application/gzip", ".tar.gz", WriteTarAsync);
    private static readonly ArchiveFormat Zip = new("application/zip", ".zip", WriteZipAsync);

    /// <param name="fileType"><c>tar_gz</c>, which nothing stands for too, or <c>zip</c>.</param>
    /// <exception cref="InvalidInputException">It is another.</exception>
    public static ArchiveFormat Of(string? fileType) =>
        fileType switch
        {
            null or "" or "tar_gz" => TarGz,
            "zip" => Zip,
            _ => throw new InvalidInputException("fileType", "Must be one of: tar_gz, zip."),
        };

    /// <remarks>GNU's format takes paths of any length; in the other that does, the framework writes its process id.</remarks>
    private static async Task WriteTarAsync(
        IReadOnlyList<ArchiveEntry> entries,
        DateTimeOffset made,
        Stream body,
        CancellationToken cancellation
    )
    {
        await using var packed = new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true);
        await using var tar = new TarWriter(packed, TarEntryFormat.Gnu, leaveOpen: true);
        foreach (var entry in entries)
        {
            await using var content = await entry.OpenAsync(cancellation);
            var file = new GnuTarEntry(TarEntryType.RegularFile, entry.Path)
            {
                DataStream = content,
                ModificationTime = made,
                Mode = Mode,
            };
            await tar.WriteEntryAsync(file, cancellation);
        }
    }

    private static async Task WriteZipAsync(
        IReadOnlyList<ArchiveEntry> entries,
        DateTimeOffset made,
        Stream body,
        CancellationToken cancellation
    )
    {
        var deferred = new DeferredWrites(body);
        await using (var zip = await OpenZipAsync(deferred, cancellation))
        {
            foreach (var entry in entries)
            {
                await using var content = await entry.OpenAsync(cancellation);
                var file = zip.CreateEntry(entry.Path, CompressionLevel.Fastest);
                file.LastWriteTime = made;
                file.ExternalAttributes = (int)Mode << 16;
                await using var target = await file.OpenAsync(cancellation);
                await content.CopyToAsync(target, cancellation);
            }
        }

        await deferred.FlushAsync(cancellation);
    }

    private static Task<ZipArchive> OpenZipAsync(Stream body, CancellationToken cancellation) =>
        ZipArchive.CreateAsync(body, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellation);
}
