using System.Runtime.Versioning;
using Alidade.Storage.Blobs;

namespace Alidade.Storage.Platform;

/// <summary>The one folder a server keeps everything in; held by one process at a time.</summary>
public sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    /// <summary>Absolute.</summary>
    public string Path { get; }

    public string Core => System.IO.Path.Combine(Path, "core.db");

    public string Series => System.IO.Path.Combine(Path, "series.db");

    public string Blobs => System.IO.Path.Combine(Path, "blobs");

    /// <summary>Says to which database the folder belongs, once a start has come to its end.</summary>
    public string Mark => System.IO.Path.Combine(Path, "store");

    public string Worker => System.IO.Path.Combine(Path, "worker");

    /// <summary>There after a restore, until the first start has drawn the consequences.</summary>
    public string Restored => System.IO.Path.Combine(Path, "restored");

    /// <summary>There while a restore is under way.</summary>
    private string Restoring => System.IO.Path.Combine(Path, "restoring");

    /// <summary>Makes the folder, readable by its owner alone, and takes it for this process.</summary>
    /// <exception cref="DataFolderException">It cannot be used; the message says why and what to do.</exception>
    public static DataFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Create(path);
            }
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new DataFolderException($"The data folder {path} cannot be made: {e.Message}", e);
        }

        if (File.Exists(System.IO.Path.Combine(path, "restoring")))
        {
            throw new DataFolderException(
                $"The restore into {path} did not come to its end. Remove the folder and restore again."
            );
        }

        return new DataFolder(path, Lock(path));
    }

    /// <summary>Makes the folder for a restore; one that holds anything is refused.</summary>
    /// <exception cref="DataFolderException">It cannot be used; the message says why and what to do.</exception>
    public static DataFolder OpenForRestore(string path)
    {
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
        {
            Open(path).Dispose();
            throw new DataFolderException(
                $"The folder {path} is not empty. Restore into an empty or a new folder; nothing is ever overwritten."
            );
        }

        var folder = Open(path);
        File.WriteAllText(folder.Restoring, "");
        return folder;
    }

    /// <summary>From now on a server accepts the folder, and its next start knows that it was restored.</summary>
    public void CompleteRestore()
    {
        File.Move(Restoring, Restored, overwrite: true);
        DirectorySync.Sync(Path);
    }

    public void Dispose() => _lock.Dispose();

    [UnsupportedOSPlatform("windows")]
    private static void Create(string path)
    {
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(path, OwnerOnly);

        // A folder that was there before is closed too, unless other things than ours live in it.
        if (!Directory.EnumerateFileSystemEntries(path).Any() || File.Exists(System.IO.Path.Combine(path, "core.db")))
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }
    }

    private static FileStream Lock(string path)
    {
        var file = System.IO.Path.Combine(path, "lock");
        FileStream? held = null;
        try
        {
            held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            held.SetLength(0);
            using var writer = new StreamWriter(held, leaveOpen: true);
            writer.Write(Environment.ProcessId);
            return held;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DataFolderException(
                $"The data folder {path} belongs to another user ({Environment.UserName} may not write it). "
                    + "Start as its owner or choose another folder with --data.",
                e
            );
        }
        catch (IOException e) when (held is null)
        {
            throw new DataFolderException(
                $"Another server already uses the data folder {path}. Stop it or choose another folder with --data.",
                e
            );
        }
    }
}

/// <summary>The data folder cannot be used; the message is for the person who starts the server.</summary>
public sealed class DataFolderException(string message, Exception? inner = null) : Exception(message, inner);
