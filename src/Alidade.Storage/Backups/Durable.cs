using System.Security.Cryptography;
using Alidade.Storage.Blobs;

namespace Alidade.Storage.Backups;

/// <summary>Files that are on the disk when the call returns.</summary>
public static class Durable
{
    private const int BufferSize = 128 * 1024;

    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Replaces what has the new name; a crash leaves the one or the other.</summary>
    public static void Move(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        DirectorySync.Sync(Path.GetDirectoryName(to)!);
    }

    /// <summary>Copies a file with its permissions and gives what was copied.</summary>
    /// <param name="name">What the copy is called in the answer.</param>
    public static async Task<BackupFile> CopyAsync(
        string from,
        string to,
        string name,
        UnixFileMode? mode,
        CancellationToken cancellation
    )
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        await using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0, true);
        await using var target = new FileStream(to, Options(mode));
        var (size, sha256) = await ReadAsync(source, target, cancellation);
        target.Flush(flushToDisk: true);
        return new BackupFile(name, size, sha256, mode);
    }

    public static async Task<BackupFile> DescribeAsync(string path, string name, CancellationToken cancellation)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, true);
        var (size, sha256) = await ReadAsync(file, Stream.Null, cancellation);
        return new BackupFile(name, size, sha256, ModeOf(path));
    }

    public static UnixFileMode? ModeOf(string path) => OperatingSystem.IsWindows() ? null : File.GetUnixFileMode(path);

    private static async Task<(long Size, string Sha256)> ReadAsync(
        Stream source,
        Stream target,
        CancellationToken cancellation
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferSize];
        long size = 0;
        int count;
        while ((count = await source.ReadAsync(buffer, cancellation)) > 0)
        {
            hash.AppendData(buffer, 0, count);
            await target.WriteAsync(buffer.AsMemory(0, count), cancellation);
            size += count;
        }

        return (size, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static FileStreamOptions Options(UnixFileMode? mode)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Options = FileOptions.Asynchronous,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        return options;
    }
}
