using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Alidade.Server.Imports.Sources;

/// <summary>
/// An uploaded archive: tar, tar.gz or zip, told apart by how it begins. Nothing is unpacked by its own path, and what
/// is neither a file nor a folder is refused.
/// </summary>
internal static class ArchiveSource
{
    /// <returns>The SHA-256 of the archive.</returns>
    public static async Task<string> ReadAsync(SourceTree tree, Stream archive, CancellationToken cancellation)
    {
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(archive, cancellation));
        try
        {
            await UnpackAsync(tree, archive, cancellation);
        }
        catch (Exception e)
            when (e is InvalidDataException or IOException or FormatException or ArgumentException or OverflowException)
        {
            throw ImportFailure.Because($"The archive cannot be read: {e.Message} Send a .tar, .tar.gz or .zip file.");
        }

        return tree.Paths.Count > 0 ? hash : throw ImportFailure.Because("The archive holds no file.");
    }

    private static async Task UnpackAsync(SourceTree tree, Stream archive, CancellationToken cancellation)
    {
        archive.Position = 0;
        var magic = new byte[4];
        var length = await archive.ReadAtLeastAsync(magic, magic.Length, throwOnEndOfStream: false, cancellation);
        archive.Position = 0;
        var meter = new ExpansionMeter(archive.Length);
        switch (magic.AsSpan(0, length))
        {
            case [0x1F, 0x8B, ..]:
                var unzipped = new GZipStream(archive, CompressionMode.Decompress, leaveOpen: true);
                await using (var watched = meter.Watch(unzipped))
                {
                    await UntarAsync(tree, watched, cancellation);
                }

                break;
            case [(byte)'P', (byte)'K', ..]:
                await UnzipAsync(tree, archive, meter, cancellation);
                break;
            case [(byte)'B', (byte)'Z', (byte)'h', ..] or [0xFD, (byte)'7', (byte)'z', (byte)'X']:
                throw new InvalidDataException("It is packed with bzip2 or xz.");
            default:
                await UntarAsync(tree, archive, cancellation);
                break;
        }
    }

    private static async Task UntarAsync(SourceTree tree, Stream tar, CancellationToken cancellation)
    {
        await using var reader = new TarReader(tar, leaveOpen: true);
        while (await reader.GetNextEntryAsync(copyData: false, cancellation) is { } entry)
        {
            switch (entry.EntryType)
            {
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                    await tree.AddAsync(entry.Name, entry.DataStream ?? Stream.Null, entry.Length, cancellation);
                    break;
                case TarEntryType.Directory or TarEntryType.GlobalExtendedAttributes:
                    break;
                default:
                    throw NoFile(entry.Name, entry.EntryType.ToString());
            }
        }
    }

    private static async Task UnzipAsync(
        SourceTree tree,
        Stream archive,
        ExpansionMeter meter,
        CancellationToken cancellation
    )
    {
        await ZipGuard.RequireFewAsync(archive, cancellation);
        await using var zip = await ZipArchive.CreateAsync(
            archive,
            ZipArchiveMode.Read,
            leaveOpen: true,
            entryNameEncoding: null,
            cancellation
        );
        ZipGuard.RequireApart(zip, archive.Length);
        foreach (var entry in zip.Entries)
        {
            if (entry.IsEncrypted)
            {
                throw ImportFailure.Because($"\"{entry.FullName}\" in the archive is encrypted.");
            }

            var type = (entry.ExternalAttributes >> 16) & FileTypeMask;
            if (entry.FullName.EndsWith('/') || type == FolderType)
            {
                continue;
            }

            if (type is not (0 or FileType))
            {
                throw NoFile(entry.FullName, "a link or a device");
            }

            await using var content = meter.Watch(await entry.OpenAsync(cancellation));
            await tree.AddAsync(entry.FullName, content, entry.Length, cancellation);
        }
    }

    private static Platform.Errors.RefusedException NoFile(string name, string type) =>
        ImportFailure.Because($"\"{name}\" in the archive is neither a file nor a folder but {type}.");

    /// <summary>How Unix marks what an entry is, in the upper half of a zip entry's attributes.</summary>
    private const int FileTypeMask = 0xF000;
    private const int FileType = 0x8000;
    private const int FolderType = 0x4000;
}
