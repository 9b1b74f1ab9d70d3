using System.Globalization;
using System.Security.Cryptography;

namespace Alidade.Storage.Blobs;

/// <summary>
/// Parts as files in a folder for each upload. A file that is written to is held open for this writer alone, which keeps
/// two requests, and two servers over one folder, from mixing their bytes.
/// </summary>
public sealed class FilePartStore : IPartStore
{
    private const int BufferSize = 128 * 1024;
    private const string Whole = "whole";

    private readonly string _root;
    private readonly FileBlobStore _blobs;

    /// <param name="root">A folder on the same file system as the blobs, so that a whole file need not be copied.</param>
    public FilePartStore(string root, FileBlobStore blobs)
    {
        _root = Path.GetFullPath(root);
        _blobs = blobs;
        Directory.CreateDirectory(_root);
    }

    public async Task<string> PutPartAsync(string upload, int number, Stream content, CancellationToken cancellation)
    {
        var folder = FolderOf(upload);
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        try
        {
            var blob = await FileBlobStore.ReceiveAsync(content, temporary, cancellation);
            foreach (var earlier in Directory.GetFiles(folder, NumberText(number) + ".*"))
            {
                File.Delete(earlier);
            }

            File.Move(temporary, PartPath(upload, number, blob.Sha256), overwrite: true);
            DirectorySync.Sync(folder);
            return blob.Sha256;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    public async Task<Blob> JoinAsync(
        string upload,
        IReadOnlyList<(int Number, string Sha256)> parts,
        CancellationToken cancellation
    )
    {
        var missing = parts.Where(p => !File.Exists(PartPath(upload, p.Number, p.Sha256))).Select(p => p.Number);
        if (missing.Any())
        {
            throw new PartMissingException(missing.First());
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (var whole = Open(upload))
        {
            whole.SetLength(0);
            foreach (var (number, sha256) in parts)
            {
                await CopyAsync(PartPath(upload, number, sha256), whole, hash, cancellation);
            }

            whole.Flush(flushToDisk: true);
        }

        return new Blob(Convert.ToHexStringLower(hash.GetHashAndReset()), Length(upload));
    }

    public async Task<long> AppendAsync(
        string upload,
        long offset,
        long most,
        Stream content,
        CancellationToken cancellation
    )
    {
        Directory.CreateDirectory(FolderOf(upload));
        await using var file = Open(upload);
        if (file.Length != offset)
        {
            throw new UploadOffsetException(offset, file.Length);
        }

        file.Seek(0, SeekOrigin.End);
        try
        {
            await AppendAsync(content, file, most - offset, cancellation);
        }
        finally
        {
            // What came before a cut counts: the client goes on from there.
            file.Flush(flushToDisk: true);
        }

        return file.Length;
    }

    public long Length(string upload) => new FileInfo(WholePath(upload)) is { Exists: true } file ? file.Length : 0;

    public async Task<Blob> DescribeAsync(string upload, CancellationToken cancellation)
    {
        Directory.CreateDirectory(FolderOf(upload));
        await using var file = Open(upload);
        return new Blob(Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation)), file.Length);
    }

    public void Keep(string upload, Blob blob)
    {
        if (File.Exists(WholePath(upload)))
        {
            _blobs.Keep(WholePath(upload), blob.Sha256);
        }
    }

    public long Drop(string upload)
    {
        var folder = new DirectoryInfo(FolderOf(upload));
        if (!folder.Exists)
        {
            return 0;
        }

        var bytes = folder.EnumerateFiles().Sum(f => f.Length);
        folder.Delete(recursive: true);
        return bytes;
    }

    public IEnumerable<(string Upload, DateTimeOffset Touched)> Uploads() =>
        new DirectoryInfo(_root)
            .GetDirectories()
            .Select(folder => (folder.Name, Touched: TouchedAt(folder)))
            .Where(u => u.Touched is not null)
            .Select(u => (u.Name, u.Touched!.Value));

    /// <summary>Null when the upload has ended since it was listed.</summary>
    private static DateTimeOffset? TouchedAt(DirectoryInfo folder)
    {
        try
        {
            return new DateTimeOffset(
                folder.GetFiles().Select(f => f.LastWriteTimeUtc).Append(folder.LastWriteTimeUtc).Max(),
                TimeSpan.Zero
            );
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static async Task AppendAsync(Stream from, FileStream to, long most, CancellationToken cancellation)
    {
        var buffer = new byte[BufferSize];
        int count;
        while ((count = await from.ReadAsync(buffer, cancellation)) > 0)
        {
            if (count > most)
            {
                throw new UploadOffsetException(to.Length + count, to.Length);
            }

            await to.WriteAsync(buffer.AsMemory(0, count), CancellationToken.None);
            most -= count;
        }
    }

    private static async Task CopyAsync(
        string part,
        FileStream to,
        IncrementalHash hash,
        CancellationToken cancellation
    )
    {
        await using var from = new FileStream(
            part,
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read,
            0,
            FileOptions.Asynchronous
        );
        var buffer = new byte[BufferSize];
        int count;
        while ((count = await from.ReadAsync(buffer, cancellation)) > 0)
        {
            hash.AppendData(buffer, 0, count);
            await to.WriteAsync(buffer.AsMemory(0, count), cancellation);
        }
    }

    private FileStream Open(string upload)
    {
        try
        {
            return new FileStream(
                WholePath(upload),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None,
                0,
                FileOptions.Asynchronous
            );
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new UploadBusyException();
        }
    }

    private string FolderOf(string upload) =>
        upload.Length == 32 && upload.All(char.IsAsciiHexDigitLower)
            ? Path.Combine(_root, upload)
            : throw new ArgumentException("An upload is named by 32 hexadecimal digits.", nameof(upload));

    private string WholePath(string upload) => Path.Combine(FolderOf(upload), Whole);

    private string PartPath(string upload, int number, string sha256) =>
        Path.Combine(FolderOf(upload), $"{NumberText(number)}.{sha256}");

    private static string NumberText(int number) => number.ToString("D6", CultureInfo.InvariantCulture);
}
