namespace Alidade.Worker.Attempts;

/// <summary>
/// Folders of attempts that have ended, kept for the next ones: making and deleting a dozen files and folders costs more
/// than most else about a short job. Only when the job left nothing behind; and what a sandboxed job could write to is
/// made anew, for it is never shown to another.
/// </summary>
internal sealed class SpareFolders(string root, int most, bool isSandboxed)
{
    private const string Events = "events";
    private const string Acknowledged = "acknowledged";
    private const string Exit = "exit.json";
    private const string New = ".new";

    /// <summary>What is written anew for each attempt, to a temporary name first; there the file waits.</summary>
    private static readonly string[] Replaced = ["attempt.json", "supervisor.json", Exit];

    private static readonly string[] Written = ["work", "outputs", "tmp"];

    /// <summary>What must hold nothing, or the next job would find it.</summary>
    private static readonly string[] Empty = ["inputs", .. Written];

    private static readonly HashSet<string> Known =
    [
        .. Replaced,
        .. Replaced.Select(name => name + New),
        .. Empty,
        "plan.json",
        "plugins",
        Events,
        Acknowledged,
    ];

    private readonly Lock _gate = new();
    private readonly Stack<string> _spare = new();
    private int _named;

    /// <summary>Those of an earlier agent are of no use: nobody knows how far it had come with them.</summary>
    public void Clear()
    {
        if (Directory.Exists(root))
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>Puts a kept folder at <paramref name="path"/>; false when there is none.</summary>
    public bool TryTake(string path)
    {
        string? spare;
        lock (_gate)
        {
            if (!_spare.TryPop(out spare))
            {
                return false;
            }
        }

        Directory.Move(spare, path);
        return true;
    }

    /// <summary>Keeps the folder of an attempt that is over; false when it is to be deleted.</summary>
    public bool TryKeep(string path)
    {
        string spare;
        lock (_gate)
        {
            if (_spare.Count >= most)
            {
                return false;
            }

            spare = Path.Combine(root, $"{++_named}");
        }

        if (!IsPristine(path))
        {
            return false;
        }

        Directory.CreateDirectory(root);
        // From here on it is no attempt any more, however far the rest comes.
        Directory.Move(path, spare);
        Clean(spare);
        lock (_gate)
        {
            _spare.Push(spare);
        }

        return true;
    }

    /// <summary>Nothing is there that is not known to be replaced, emptied or checked for the next attempt.</summary>
    private static bool IsPristine(string folder)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(folder).All(path => Known.Contains(Path.GetFileName(path)))
                && Empty.All(name => IsEmpty(Path.Combine(folder, name)))
                && new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).All(CanBeUsed);
        }
        catch (UnauthorizedAccessException)
        {
            return false; // the job has closed a folder to us
        }
    }

    private void Clean(string folder)
    {
        if (isSandboxed)
        {
            Renew(folder);
        }

        foreach (var name in Replaced)
        {
            var file = Path.Combine(folder, name);
            if (File.Exists(file))
            {
                File.Move(file, file + New, overwrite: true);
            }
        }

        File.Delete(Path.Combine(folder, Acknowledged));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, Events)))
        {
            File.Delete(file);
        }
    }

    /// <summary>
    /// A folder carries more than its files from one job to the next: times, rights, attributes. And how the job ended was
    /// written by its own user, where the agent is root: the next one could not write over it.
    /// </summary>
    private static void Renew(string folder)
    {
        File.Delete(Path.Combine(folder, Exit));
        File.Delete(Path.Combine(folder, Exit + New));
        foreach (var name in Written)
        {
            Directory.Delete(Path.Combine(folder, name));
            Directory.CreateDirectory(Path.Combine(folder, name));
        }
    }

    /// <summary>Neither a link, nor closed to us by the job.</summary>
    private static bool CanBeUsed(FileSystemInfo entry)
    {
        var wanted = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        wanted |= entry is DirectoryInfo ? UnixFileMode.UserExecute : 0;
        return entry.LinkTarget is null && (entry.UnixFileMode & wanted) == wanted;
    }

    private static bool IsEmpty(string folder) =>
        Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any();
}
