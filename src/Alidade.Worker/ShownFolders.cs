using Microsoft.Extensions.Logging;

namespace Alidade.Worker;

/// <summary>
/// The data folders this worker can show: its own, and those its pool declares, as far as they lie where the worker was
/// told they may. Who runs a worker decides what a server can make it show.
/// </summary>
internal sealed class ShownFolders(WorkerOptions options, ILogger log)
{
    private IReadOnlyDictionary<string, string> _all = options.DataFolders;

    /// <summary>Paths by name.</summary>
    public IReadOnlyDictionary<string, string> All => Volatile.Read(ref _all);

    /// <summary>Takes over what the pool declares now. The worker's own word for a name stands.</summary>
    public void Take(IReadOnlyDictionary<string, string> declared)
    {
        var all = declared.ToDictionary();
        foreach (var (name, path) in declared)
        {
            if (Problem(options, name, path) is { } problem)
            {
                log.DataFolderNotShown(name, problem);
                all.Remove(name);
            }
        }

        foreach (var (name, path) in options.DataFolders)
        {
            all[name] = path;
        }

        Volatile.Write(ref _all, all);
    }

    /// <returns>Why a folder of the pool is not shown; null when it is.</returns>
    public static string? Problem(WorkerOptions options, string name, string path) =>
        options.DataFolders.ContainsKey(name) ? null
        : DataFolderCheck.Problem(name, path, options.DataFolder) is { } problem ? problem
        : options.DataRoots.Any(root => DataFolderCheck.LiesIn(path, root)) ? null
        : $"'{path}' is in no folder that this worker lets its pool show; allow one with --data-root.";
}
