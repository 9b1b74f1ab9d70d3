using Alidade.Engine.Protocol;
using Alidade.Worker.Attempts;
using Alidade.Worker.Processes;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker;

/// <summary>The worker's data folder, held by one agent at a time.</summary>
internal sealed class WorkerFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _path;
    private readonly FileStream _lock;

    private WorkerFolder(string path, FileStream held) => (_path, _lock) = (path, held);

    public string Attempts => Path.Combine(_path, "attempts");

    /// <summary>Folders of ended attempts that wait for the next ones; no attempts.</summary>
    public string Spare => Path.Combine(_path, "spare");

    public string Environments => Path.Combine(_path, "environments");

    public string Blobs => Path.Combine(_path, "blobs");

    /// <summary>Touched whenever the server answered: what runs sees by it that the server still counts on it.</summary>
    public string Heard => Path.Combine(_path, "heard");

    /// <summary>No attempt is left that the server could still expect something from.</summary>
    public bool IsEmpty => !Directory.EnumerateDirectories(Attempts).Any();

    /// <exception cref="WorkerOptionsException">Another agent holds it, or it cannot be written.</exception>
    public static WorkerFolder Open(string path)
    {
        try
        {
            Directory.CreateDirectory(path, OwnerOnly);
            var held = new FileStream(
                Path.Combine(path, "lock"),
                FileMode.OpenOrCreate,
                FileAccess.Write,
                FileShare.None
            );
            var folder = new WorkerFolder(path, held);
            Directory.CreateDirectory(folder.Attempts);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WorkerOptionsException([
                $"Worker:DataFolder: '{path}' cannot be used, perhaps because another worker uses it: {e.Message}",
            ]);
        }
    }

    public string Name() => NameIn(_path);

    /// <summary>The worker's name, drawn at its first start and kept: the server knows it again by this.</summary>
    public static string NameIn(string folder)
    {
        Directory.CreateDirectory(folder, OwnerOnly);
        var path = Path.Combine(folder, "name");
        if (File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } name)
        {
            return name;
        }

        var drawn = $"{Environment.MachineName.ToLowerInvariant()}-{Guid.NewGuid().ToString("N")[..8]}";
        File.WriteAllText(path + ".new", drawn + "\n");
        File.Move(path + ".new", path, overwrite: true);
        return drawn;
    }

    /// <summary>Where it is, so that the server can tell this folder from a copy; null where the kernel does not say.</summary>
    public WorkerPlace? Place()
    {
        const string drawnAtStart = "/proc/sys/kernel/random/boot_id";
        return File.Exists(drawnAtStart)
            ? new WorkerPlace(File.ReadAllText(drawnAtStart).Trim(), Native.IdentityOf(_path))
            : null;
    }

    /// <summary>The attempts that an earlier agent left. A folder that says nothing of itself never began.</summary>
    public IReadOnlyList<Attempt> Found(TimeProvider time, ILogger log)
    {
        var found = new List<Attempt>();
        foreach (var path in Directory.EnumerateDirectories(Attempts))
        {
            var folder = new AttemptFolder(path);
            if (folder.ReadAttempt() is { } file)
            {
                found.Add(Attempt.From(file, folder, time));
            }
            else
            {
                Delete(folder, log);
            }
        }

        return found;
    }

    /// <summary>What user code left in a folder must not keep the worker from beginning.</summary>
    private static void Delete(AttemptFolder folder, ILogger log)
    {
        try
        {
            folder.Delete();
            log.NoAttempt(folder.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.NotDeleted(folder.Path, e.Message);
        }
    }

    public void Dispose() => _lock.Dispose();
}
