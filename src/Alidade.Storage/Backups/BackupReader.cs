using Alidade.Storage.Blobs;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Backups;

/// <summary>Checks a backup, or puts it back: every byte is held against its digest on the way.</summary>
public sealed class BackupReader
{
    private readonly string _backup;
    private readonly string _files;

    /// <exception cref="BackupException">There is no whole backup here, or one that this program cannot read.</exception>
    public BackupReader(string backup)
    {
        _backup = Path.GetFullPath(backup);
        Manifest = BackupManifest.Read(_backup);
        _files = Path.Combine(_backup, Manifest.Folder);
    }

    public BackupManifest Manifest { get; }

    /// <summary>Reads all of it.</summary>
    /// <exception cref="BackupException">Something is missing or damaged.</exception>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        foreach (var file in Manifest.Files)
        {
            await CheckAsync(Path.Combine(_files, file.Path), file, cancellation);
        }

        foreach (var blob in await BlobsAsync(cancellation))
        {
            await CheckAsync(BlobPath(blob), blob, cancellation);
        }
    }

    /// <summary>Puts the files back into an empty folder, which no server accepts before all of it is there.</summary>
    /// <exception cref="BackupException">Something is missing or damaged.</exception>
    /// <exception cref="DataFolderException">The folder is in use or not empty.</exception>
    public async Task RestoreAsync(string data, Func<string, Task> restoreDump, CancellationToken cancellation)
    {
        using var folder = DataFolder.OpenForRestore(data);
        foreach (var file in Manifest.Files.Where(f => f.Path != PostgresBackup.FileName))
        {
            await PutAsync(Path.Combine(_files, file.Path), Path.Combine(folder.Path, file.Path), file, cancellation);
        }

        foreach (var blob in await BlobsAsync(cancellation))
        {
            await PutAsync(BlobPath(blob), BlobBackup.PathOf(folder.Blobs, blob.Sha256), blob, cancellation);
        }

        if (Manifest.Files.FirstOrDefault(f => f.Path == PostgresBackup.FileName) is { } dump)
        {
            await CheckAsync(Path.Combine(_files, dump.Path), dump, cancellation);
            await restoreDump(Path.Combine(_files, dump.Path));
        }

        folder.CompleteRestore();
    }

    private string BlobPath(BackupFile blob) => BlobBackup.PathOf(Path.Combine(_backup, "blobs"), blob.Sha256);

    private async Task<List<BackupFile>> BlobsAsync(CancellationToken cancellation)
    {
        var list = Path.Combine(_files, Manifest.Blobs.Path);
        await CheckAsync(list, Manifest.Blobs, cancellation);
        return
        [
            .. File.ReadLines(list)
                .Select(line => line.Split(' '))
                .Select(p => new BackupFile(
                    p[0],
                    long.Parse(p[1], System.Globalization.CultureInfo.InvariantCulture),
                    p[0]
                )),
        ];
    }

    private static async Task CheckAsync(string path, BackupFile expected, CancellationToken cancellation)
    {
        RequireThere(path);
        Require(path, expected, await Durable.DescribeAsync(path, expected.Path, cancellation));
    }

    private static async Task PutAsync(string from, string to, BackupFile expected, CancellationToken cancellation)
    {
        RequireThere(from);
        Require(from, expected, await Durable.CopyAsync(from, to, expected.Path, expected.Mode, cancellation));
        DirectorySync.Sync(Path.GetDirectoryName(to)!);
    }

    private static void RequireThere(string path)
    {
        if (!File.Exists(path))
        {
            throw new BackupException($"The backup is not whole: {path} is missing.");
        }
    }

    private static void Require(string path, BackupFile expected, BackupFile found)
    {
        if (found.Sha256 != expected.Sha256)
        {
            throw new BackupException(
                $"The backup is damaged: {path} has the SHA-256 {found.Sha256}, not {expected.Sha256}."
            );
        }
    }
}
