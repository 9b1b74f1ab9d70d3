namespace Alidade.Engine.Protocol;

/// <summary>A worker introduces itself and presents the attempts that still live in its folder.</summary>
/// <param name="Worker">Stable name of this worker, kept in its folder; one live session each.</param>
/// <param name="Queues">Queue names to serve; <c>*</c> matches within a name.</param>
/// <param name="Levels">Isolation levels that work here, best first.</param>
/// <param name="Resources">What jobs may take of this worker; a job that asks for something goes to no worker without.</param>
/// <param name="DataFolders">Names of the folders it can show to jobs.</param>
/// <param name="Unsandboxed">Whether it runs jobs without a sandbox where they ask for one; null where that is not said.</param>
/// <param name="Place">Where its folder is; null where that cannot be told.</param>
public sealed record SessionRequest(
    string Worker,
    string Host,
    IReadOnlyList<string> Queues,
    int Slots,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyList<string> Levels,
    string Version,
    IReadOnlyList<LiveAttempt> Attempts,
    WorkerResources? Resources = null,
    IReadOnlyList<string>? DataFolders = null,
    WorkerPlace? Place = null,
    bool? Unsandboxed = null
)
{
    /// <summary>Whether it may have jobs of a server with several users.</summary>
    public bool IsShared => Unsandboxed != false || Levels.Any(level => level != "L0");
}

/// <summary>
/// A folder of a running machine. The name of the host can change under a worker, as that of a container does each time it is
/// made, and a copied folder can stand beside the one it was copied from.
/// </summary>
/// <param name="Boot">Drawn by the kernel when the machine was started.</param>
/// <param name="Folder">Device and number of the worker's folder; a copy has another.</param>
public sealed record WorkerPlace(string Boot, string Folder);

/// <summary>What a worker has for its jobs.</summary>
/// <param name="Cpu">Processors.</param>
/// <param name="Memory">Bytes.</param>
public sealed record WorkerResources(double Cpu, long Memory, int Gpus);

/// <summary>An attempt the worker really has, with the fence it was granted under.</summary>
public sealed record LiveAttempt(long Attempt, long Fence, string Phase);

/// <summary>The session, the secret that proves it, and the intervals to obey.</summary>
/// <param name="Stop">Presented attempts that are no longer this worker's: kill and forget them.</param>
public sealed record SessionReply(long Session, string Secret, Intervals Intervals, IReadOnlyList<long> Stop);

/// <summary>Seconds, all named by the server.</summary>
public sealed record Intervals(double Renew, double ClaimWait, double Lease, double LostAfter);

/// <summary>What a worker runs at this moment.</summary>
/// <param name="Load">What its machine does; null from a worker that does not say.</param>
/// <param name="Draining">It is being stopped: with the answer to this nothing more is granted to the session.</param>
public sealed record RenewRequest(IReadOnlyList<LiveAttempt> Attempts, WorkerLoad? Load = null, bool Draining = false);

/// <summary>What a worker's machine does, jobs and all else together.</summary>
/// <param name="Cpu">Percent of all its processors.</param>
/// <param name="MemoryUsed">Bytes that are not available to new programs.</param>
/// <param name="MemoryTotal">Bytes.</param>
/// <param name="DiskFree">Bytes, on the disk of the worker's folder.</param>
/// <param name="Gpus">Each of its GPUs; null where none is found.</param>
public sealed record WorkerLoad(
    double Cpu,
    long MemoryUsed,
    long MemoryTotal,
    long DiskFree,
    IReadOnlyList<GpuLoad>? Gpus = null
);

/// <summary>What a GPU does, whoever uses it.</summary>
/// <param name="Busy">Percent of the time.</param>
/// <param name="MemoryUsed">Bytes.</param>
/// <param name="MemoryTotal">Bytes.</param>
public sealed record GpuLoad(double Busy, long MemoryUsed, long MemoryTotal);

/// <summary>What the worker must do now.</summary>
/// <param name="Stop">Attempts that are no longer its own: kill and forget.</param>
/// <param name="Cancel">Attempts whose job is being cancelled: end them and report.</param>
/// <param name="Drain">Claim nothing more.</param>
public sealed record RenewReply(IReadOnlyList<long> Stop, IReadOnlyList<long> Cancel, bool Drain);
