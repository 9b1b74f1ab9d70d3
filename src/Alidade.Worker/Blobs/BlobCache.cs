using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Alidade.Worker.Sessions;

namespace Alidade.Worker.Blobs;

/// <summary>
/// Files of the server, kept by their SHA-256, so that a plugin travels once and not once a job. Every use copies and
/// checks: a job that could change its copy must not change the next job's.
/// </summary>
internal sealed class BlobCache(string folder, long limit, ReliableServer server, TimeProvider time)
{
    private const int Tries = 3;
    private static readonly TimeSpan TouchAfter = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, Lazy<Task>> _fetching = new();

    /// <summary>Puts the content at <paramref name="target"/>.</summary>
    /// <exception cref="InvalidDataException">The server's bytes never had this digest.</exception>
    public async Task CopyAsync(string sha256, long size, string target, CancellationToken cancellation)
    {
        for (var left = Tries; ; left--)
        {
            await EnsureAsync(sha256, size, cancellation);
            if (await TryCopyAsync(sha256, target, cancellation))
            {
                return;
            }

            File.Delete(PathOf(sha256));
            if (left == 1)
            {
                throw new InvalidDataException($"The server's bytes for {sha256} have another digest.");
            }
        }
    }

    /// <summary>Deletes what was not used for longest, until the rest is within the limit.</summary>
    public void Trim()
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        var files = new DirectoryInfo(folder).GetFiles("*", SearchOption.AllDirectories);
        var kept = 0L;
        foreach (var file in files.OrderByDescending(file => file.LastWriteTimeUtc))
        {
            kept += file.Length;
            if (kept > limit || file.Name.EndsWith(".part", StringComparison.Ordinal))
            {
                file.Delete();
            }
        }
    }

    private async Task EnsureAsync(string sha256, long size, CancellationToken cancellation)
    {
        var path = PathOf(sha256);
        if (File.Exists(path))
        {
            Touch(path);
            return;
        }

        // One transfer serves all who wait for it; it ends with the first of them that is cancelled, and the others
        // begin it again.
        while (true)
        {
            var mine = new Lazy<Task>(() => FetchAsync(sha256, size, path, cancellation));
            var fetching = _fetching.GetOrAdd(sha256, mine);
            try
            {
                await fetching.Value.WaitAsync(cancellation);
                return;
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested) { }
            finally
            {
                _fetching.TryRemove(KeyValuePair.Create(sha256, fetching));
            }
        }
    }

    private async Task FetchAsync(string sha256, long size, string path, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var part = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            await server.SendAsync(
                (calls, session, token) =>
                    calls.DownloadAsync(session, sha256, size, (body, limit) => SaveAsync(body, part, limit), token),
                cancellation
            );
            File.Move(part, path, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static async Task SaveAsync(Stream body, string part, CancellationToken cancellation)
    {
        await using var file = File.Create(part);
        await body.CopyToAsync(file, cancellation);
    }

    private async Task<bool> TryCopyAsync(string sha256, string target, CancellationToken cancellation)
    {
        await using var source = File.OpenRead(PathOf(sha256));
        await using var copy = new FileStream(target, FileMode.Create, FileAccess.Write, FileShare.Read, 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(128 << 10);
        try
        {
            while (await source.ReadAsync(buffer, cancellation) is > 0 and var length)
            {
                hash.AppendData(buffer, 0, length);
                await copy.WriteAsync(buffer.AsMemory(0, length), cancellation);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (string.Equals(Convert.ToHexStringLower(hash.GetHashAndReset()), sha256, StringComparison.Ordinal))
        {
            return true;
        }

        File.Delete(target);
        return false;
    }

    private void Touch(string path)
    {
        var now = time.GetUtcNow().UtcDateTime;
        if (now - File.GetLastWriteTimeUtc(path) > TouchAfter)
        {
            File.SetLastWriteTimeUtc(path, now);
        }
    }

    private string PathOf(string sha256) => Path.Combine(folder, sha256[..2], sha256);
}
