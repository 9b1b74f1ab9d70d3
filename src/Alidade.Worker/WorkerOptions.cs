namespace Alidade.Worker;

/// <summary>What a worker agent needs to know. Check it with <see cref="WorkerOptionsValidator"/> before use.</summary>
public sealed class WorkerOptions
{
    /// <summary>Base address of the server, such as <c>http://127.0.0.1:8420</c>.</summary>
    public required Uri Server { get; init; }

    /// <summary>The worker token; it names the pool the worker belongs to.</summary>
    public required string Token { get; init; }

    /// <summary>Queue names to serve; <c>*</c> matches within a name.</summary>
    public IReadOnlyList<string> Queues { get; init; } = ["*"];

    /// <summary>How many attempts run at the same time.</summary>
    public int Slots { get; init; } = Math.Max(1, Environment.ProcessorCount);

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Processors for jobs that ask for some; null for all of the machine.</summary>
    public double? Cpu { get; init; }

    /// <summary>Bytes of memory for jobs that ask for some; null for all of the machine.</summary>
    public long? Memory { get; init; }

    /// <summary>GPUs for jobs that ask for some; null for those that are found.</summary>
    public int? Gpus { get; init; }

    /// <summary>Folders of this machine that jobs may be shown, read-only, by the name jobs ask for them with.</summary>
    public IReadOnlyDictionary<string, string> DataFolders { get; init; } = new Dictionary<string, string>();

    /// <summary>Folders of this machine below which the worker's pool may declare further data folders.</summary>
    public IReadOnlyList<string> DataRoots { get; init; } = [];

    /// <summary>The worker's own folder: its name, the attempts, and files fetched from the server.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The interpreter that runs the jobs.</summary>
    public string Python { get; init; } = DefaultPython();

    /// <summary>Modules the template imports before any job, so that jobs begin with them loaded.</summary>
    public IReadOnlyList<string> Preloads { get; init; } = [];

    /// <summary>A folder of wheels that environments are made from; null for the index pip is configured with.</summary>
    public string? Wheels { get; init; }

    /// <summary>The folder of the Python package <c>alidade</c>, which holds <c>_host/template.py</c>.</summary>
    public string PythonPackage { get; init; } = Path.Combine(AppContext.BaseDirectory, "python", "alidade");

    /// <summary>The best isolation level to use, where it works.</summary>
    public string HighestLevel { get; init; } = IsolationLevels.All[0];

    /// <summary>The least isolation level to accept; the worker does not start when it cannot have it.</summary>
    public string LowestLevel { get; init; } = IsolationLevels.All[^1];

    /// <summary>Run jobs without a sandbox even where the server asks for one.</summary>
    public bool AllowUnsandboxed { get; init; }

    /// <summary>
    /// Nobody but a server that ends and begins with this worker could give its jobs to another: they outlive both.
    /// </summary>
    public bool SharesFate { get; init; }

    /// <summary>Whether jobs have a network; null leaves it to the server, which gives them one while it has one user.</summary>
    public bool? Network { get; init; }

    /// <summary>How long to wait for running attempts when asked to stop.</summary>
    public TimeSpan DrainWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many bytes of files fetched from the server are kept; the longest unused go first.</summary>
    public long BlobCacheBytes { get; init; } = 10L << 30;

    /// <summary>The system's interpreter, whose packages come from the system too, or else the first on the path.</summary>
    private static string DefaultPython() => File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
}

/// <summary>The isolation levels an agent knows, best first.</summary>
public static class IsolationLevels
{
    internal const string Unsandboxed = "L0";

    public static IReadOnlyList<string> All { get; } = ["L1", "L1c", Unsandboxed];

    /// <summary>0 is the best; -1 is none of them.</summary>
    internal static int Rank(string level) => All.IndexOf(level);

    internal static bool IsAtLeast(string level, string lowest) => Rank(level) <= Rank(lowest);

    private static int IndexOf(this IReadOnlyList<string> levels, string level)
    {
        for (var i = 0; i < levels.Count; i++)
        {
            if (levels[i] == level)
            {
                return i;
            }
        }

        return -1;
    }
}
