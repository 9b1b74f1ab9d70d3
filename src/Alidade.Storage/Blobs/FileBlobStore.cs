using System.Security.Cryptography;

namespace Alidade.Storage.Blobs;

/// <summary>
/// Blobs as files named after their digest. A file is written under a temporary name, synced and renamed, and its folder
/// synced, so a name that exists is always the whole content.
/// </summary>
public sealed class FileBlobStore : IBlobStore
{
    private const int BufferSize = 128 * 1024;

    private readonly string _root;
    private readonly string _incoming;

    /// <param name="root">A folder of its own; leftovers of uploads that a crash cut off are removed.</param>
    public FileBlobStore(string root)
    {
        _root = Path.GetFullPath(root);
        _incoming = Path.Combine(_root, "incoming");
        Directory.CreateDirectory(_incoming);
        foreach (var leftover in Directory.EnumerateFiles(_incoming))
        {
            File.Delete(leftover);
        }
    }

    public async Task<Blob> PutAsync(Stream content, string? expected, CancellationToken cancellation)
    {
        var temporary = Path.Combine(_incoming, Guid.NewGuid().ToString("N"));
        try
        {
            var blob = await ReceiveAsync(content, temporary, cancellation);
            if (expected is not null && expected != blob.Sha256)
            {
                throw new BlobDigestException(expected, blob.Sha256);
            }

            Keep(temporary, PathOf(blob.Sha256));
            return blob;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    public Task<Stream?> OpenAsync(string sha256, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!IsDigest(sha256))
        {
            return Task.FromResult<Stream?>(null);
        }

        try
        {
            return Task.FromResult<Stream?>(
                new FileStream(
                    PathOf(sha256),
                    FileMode.Open,
                    FileAccess.Read,
                    FileShare.Read,
                    BufferSize,
                    FileOptions.Asynchronous
                )
            );
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    private static async Task<Blob> ReceiveAsync(Stream content, string path, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = new FileStream(
            path,
            FileMode.CreateNew,
            FileAccess.Write,
            FileShare.None,
            0,
            FileOptions.Asynchronous
        );
        var buffer = new byte[BufferSize];
        long size = 0;
        int count;
        while ((count = await content.ReadAsync(buffer, cancellation)) > 0)
        {
            hash.AppendData(buffer, 0, count);
            await file.WriteAsync(buffer.AsMemory(0, count), cancellation);
            size += count;
        }

        file.Flush(flushToDisk: true);
        return new Blob(Convert.ToHexStringLower(hash.GetHashAndReset()), size);
    }

    private static void Keep(string temporary, string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (File.Exists(path))
        {
            // Perhaps renamed a moment ago by another upload, which has not synced the name yet.
            DirectorySync.Sync(folder);
            return;
        }

        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            DirectorySync.Sync(Path.GetDirectoryName(folder)!);
        }

        File.Move(temporary, path, overwrite: true);
        DirectorySync.Sync(folder);
    }

    private static bool IsDigest(string text) =>
        text.Length == 64 && text.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));

    private string PathOf(string sha256) => Path.Combine(_root, sha256[..2], sha256);
}
