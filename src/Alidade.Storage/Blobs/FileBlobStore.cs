using System.Security.Cryptography;

namespace Alidade.Storage.Blobs;

/// <summary>
/// Blobs as files named after their digest. A file is written under a temporary name, synced and renamed, and its folder
/// synced, so a name that exists is always the whole content.
/// </summary>
public sealed class FileBlobStore : IBlobStore
{
    private const int BufferSize = 128 * 1024;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly string _root;
    private readonly string _incoming;

    /// <param name="root">A folder of its own; leftovers of uploads that a crash cut off are removed.</param>
    public FileBlobStore(string root, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
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

            Keep(temporary, blob.Sha256);
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

    public IEnumerable<string> Untouched(DateTimeOffset since) =>
        new DirectoryInfo(_root)
            .EnumerateDirectories("??")
            .SelectMany(folder => folder.EnumerateFiles())
            .Where(file => IsDigest(file.Name) && file.LastWriteTimeUtc < since.UtcDateTime)
            .Select(file => file.Name);

    public long Delete(string sha256, DateTimeOffset untouchedSince)
    {
        // No upload of the same content can find the file here and rely on it while it goes.
        lock (_gate)
        {
            var file = new FileInfo(PathOf(sha256));
            if (!file.Exists || file.LastWriteTimeUtc >= untouchedSince.UtcDateTime)
            {
                return 0;
            }

            var size = file.Length;
            file.Delete();
            return size;
        }
    }

    internal static async Task<Blob> ReceiveAsync(Stream content, string path, CancellationToken cancellation)
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

    /// <summary>Gives a synced file its name as a blob.</summary>
    internal void Keep(string temporary, string sha256)
    {
        var path = PathOf(sha256);
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            DirectorySync.Sync(_root);
        }

        lock (_gate)
        {
            if (File.Exists(path))
            {
                // Wanted anew: the grace time of the collection begins again.
                File.SetLastWriteTimeUtc(path, _time.GetUtcNow().UtcDateTime);
            }
            else
            {
                File.Move(temporary, path);
            }
        }

        // Also for a file that was there: another upload may have named it a moment ago and not synced that yet.
        DirectorySync.Sync(folder);
    }

    private static bool IsDigest(string text) =>
        text.Length == 64 && text.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));

    private string PathOf(string sha256) => Path.Combine(_root, sha256[..2], sha256);
}
