using System.Globalization;
using Alidade.Storage.Blobs;

namespace Alidade.Storage.Backups;

/// <summary>
/// Makes a backup of a data folder, whether or not a server runs in it. The database comes first and the blobs after it:
/// a blob is durable before a row names it and is never changed, so every blob that the copied rows name is found. A
/// backup into the folder of an earlier one copies only what is new.
/// </summary>
/// <param name="destination">An empty folder, a new one, or one with an earlier backup.</param>
/// <param name="database">Puts copies of the databases into the folder it is given.</param>
/// <param name="leaveOut">Files of the data folder that are not to go along.</param>
public sealed class BackupWriter(
    string destination,
    IDatabaseBackup database,
    string version,
    TimeProvider time,
    IReadOnlyList<string>? leaveOut = null
)
{
    private const string LockName = "alidade-backup.lock";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Of the data folder but not of the backup: what belongs to running processes, and what is copied otherwise.</summary>
    private static readonly HashSet<string> Others = new(StringComparer.Ordinal)
    {
        "lock",
        "worker",
        "blobs",
        "welcome-link",
        "core.db",
        "core.db-wal",
        "core.db-shm",
        "series.db",
        "series.db-wal",
        "series.db-shm",
    };

    private readonly string _destination = Path.GetFullPath(destination);

    /// <param name="data">The data folder.</param>
    /// <returns>What the backup holds, and how many blobs were new to it.</returns>
    /// <exception cref="BackupException">It cannot be made; an earlier one is as it was.</exception>
    public async Task<(BackupManifest Manifest, long NewBlobs)> WriteAsync(string data, CancellationToken cancellation)
    {
        data = Path.GetFullPath(data);
        RequireApart(data);
        using var held = Take();
        var taken = time.GetUtcNow();
        var folder = taken.ToString("'files-'yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture);
        var path = Path.Combine(_destination, folder);
        CreateFolder(path);
        CreateFolder(Path.Combine(_destination, "blobs"));
        var files = await database.CopyAsync(path, cancellation);
        files = [.. files, .. await CopyOthersAsync(data, path, cancellation)];
        var blobs = await new BlobBackup(Path.Combine(data, "blobs"), Path.Combine(_destination, "blobs")).CopyAsync(
            Path.Combine(path, BlobBackup.ListName),
            cancellation
        );
        DirectorySync.Sync(path);
        DirectorySync.Sync(_destination);
        var manifest = new BackupManifest(
            BackupManifest.CurrentFormat,
            version,
            taken,
            database.Name,
            database.Schema(path),
            folder,
            files,
            blobs.List,
            blobs.Count,
            blobs.Bytes
        );
        manifest.Write(_destination);
        RemoveOlder(folder);
        blobs.RemoveOthers();
        return (manifest, blobs.New);
    }

    private void RequireApart(string data)
    {
        if (!Directory.Exists(data))
        {
            throw new BackupException($"There is no data folder {data}. Name it with --data.");
        }

        if ((_destination + '/').StartsWith(data + '/', StringComparison.Ordinal))
        {
            throw new BackupException(
                $"{_destination} is inside the data folder {data}. Choose a folder elsewhere, best on another disk."
            );
        }
    }

    /// <summary>Takes the destination for this backup alone.</summary>
    private FileStream Take()
    {
        var path = Path.Combine(_destination, LockName);
        try
        {
            if (!Directory.Exists(_destination))
            {
                CreateFolder(_destination);
            }
            else if (!File.Exists(path) && Directory.EnumerateFileSystemEntries(_destination).Any())
            {
                throw new BackupException(
                    $"{_destination} holds other things than a backup. Choose an empty folder, or one with a backup."
                );
            }

            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BackupException(
                $"{_destination} cannot be used, perhaps because another backup is being made: {e.Message}",
                e
            );
        }
    }

    private static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
    }

    /// <summary>Keys, secrets, and whatever else a feature keeps in the data folder.</summary>
    private async Task<List<BackupFile>> CopyOthersAsync(string data, string to, CancellationToken cancellation)
    {
        var copied = new List<BackupFile>();
        var passedOver = Others.Concat(leaveOut ?? []).ToHashSet(StringComparer.Ordinal);
        foreach (
            var entry in new DirectoryInfo(data).EnumerateFileSystemInfos().Where(e => !passedOver.Contains(e.Name))
        )
        {
            var files = entry is DirectoryInfo folder
                ? folder.EnumerateFiles("*", SearchOption.AllDirectories)
                : [(FileInfo)entry];
            foreach (var file in files)
            {
                var name = Path.GetRelativePath(data, file.FullName);
                var mode = Durable.ModeOf(file.FullName);
                copied.Add(await Durable.CopyAsync(file.FullName, Path.Combine(to, name), name, mode, cancellation));
            }
        }

        return copied;
    }

    private void RemoveOlder(string kept)
    {
        foreach (var folder in Directory.EnumerateDirectories(_destination, "files-*"))
        {
            if (Path.GetFileName(folder) != kept)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }
}
