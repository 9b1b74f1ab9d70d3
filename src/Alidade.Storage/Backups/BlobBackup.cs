using System.Globalization;
using System.Text;
using Alidade.Storage.Blobs;

namespace Alidade.Storage.Backups;

/// <summary>Copies the blobs that a backup does not have yet, and lists all that it needs.</summary>
internal sealed class BlobBackup(string from, string to)
{
    public const string ListName = "blobs.txt";

    private readonly HashSet<string> _needed = new(StringComparer.Ordinal);

    public BackupFile List { get; private set; } = null!;

    public long Count => _needed.Count;

    public long Bytes { get; private set; }

    public long New { get; private set; }

    /// <summary>A blob that is there with its size is taken for whole: it was checked when it was copied.</summary>
    public async Task<BlobBackup> CopyAsync(string list, CancellationToken cancellation)
    {
        var lines = new StringBuilder();
        foreach (var file in Blobs(from))
        {
            if (await CopyAsync(file, cancellation))
            {
                New++;
            }

            _needed.Add(file.Name);
            Bytes += file.Length;
            lines.Append(CultureInfo.InvariantCulture, $"{file.Name} {file.Length}\n");
        }

        DirectorySync.Sync(to);
        Durable.Write(list, Encoding.ASCII.GetBytes(lines.ToString()));
        List = await Durable.DescribeAsync(list, ListName, cancellation);
        return this;
    }

    /// <summary>Removes what only earlier backups needed.</summary>
    public void RemoveOthers()
    {
        foreach (var file in Blobs(to).Where(f => !_needed.Contains(f.Name)))
        {
            file.Delete();
        }
    }

    public static string PathOf(string root, string sha256) => Path.Combine(root, sha256[..2], sha256);

    private async Task<bool> CopyAsync(FileInfo blob, CancellationToken cancellation)
    {
        var target = PathOf(to, blob.Name);
        if (new FileInfo(target) is { Exists: true } present && present.Length == blob.Length)
        {
            return false;
        }

        var arriving = target + ".new";
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Delete(arriving);
        var copied = await Durable.CopyAsync(blob.FullName, arriving, blob.Name, null, cancellation);
        if (copied.Sha256 != blob.Name)
        {
            throw new BackupException(
                $"The blob {blob.FullName} is damaged: its content has the SHA-256 {copied.Sha256}. "
                    + "Put back the file from an earlier backup, then try again."
            );
        }

        Durable.Move(arriving, target);
        return true;
    }

    private static IEnumerable<FileInfo> Blobs(string root) =>
        Directory.Exists(root)
            ? new DirectoryInfo(root)
                .EnumerateDirectories("??")
                .SelectMany(folder => folder.EnumerateFiles())
                .Where(file => file.Name.Length == 64)
            : [];
}
