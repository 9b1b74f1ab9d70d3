using System.Text.Json.Serialization;

namespace Alidade.Worker.Attempts;

/// <summary><c>attempt.json</c>: who the attempt is, for the supervisor and for an agent that starts later.</summary>
/// <param name="Interpreter">To be started cold, inside the sandbox; null for the template's own.</param>
internal sealed record AttemptFile(
    int Version,
    long Attempt,
    long Job,
    int Number,
    long Fence,
    string Run,
    long Seed,
    string Level,
    double Timeout,
    double Grace,
    bool Network,
    int Threads,
    AttemptLimits Limits,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyDictionary<string, string> Data,
    RelayFile? Relay = null,
    double? LostAfter = null,
    SecretsFile? Secrets = null,
    InterpreterFile? Interpreter = null,
    SilenceFile? Silence = null
);

/// <summary>A file that is touched whenever the server answered, and the seconds without that after which the attempt ends.</summary>
internal sealed record SilenceFile(string File, double Limit);

/// <summary>Which secrets the attempt is given, and where their files lie until the supervisor takes them in.</summary>
internal sealed record SecretsFile(string Folder, IReadOnlyList<string> Names);

/// <summary>What the start event says of an interpreter.</summary>
/// <param name="Environment">Digest of what is installed in it, as the record has it.</param>
internal sealed record InterpreterFile(string Executable, string Python, string Environment);

/// <summary>Where the supervisor takes the job's calls, and what proves whose they are.</summary>
internal sealed record RelayFile(string Socket, string Secret);

/// <param name="Memory">Bytes, or null for no limit.</param>
/// <param name="Disk">Bytes in all folders of the job, or null for no limit.</param>
internal sealed record AttemptLimits(
    long? Memory = null,
    long? Disk = null,
    int Files = 4096,
    int Processes = 4096,
    long LogBytes = 1L << 30,
    long EventBytes = 8L << 20
);

/// <summary><c>supervisor.json</c>: names the supervisor's process for ever.</summary>
internal sealed record SupervisorFile(int Version, int Pid, long Started, string Boot);

/// <summary>
/// <c>exit.json</c>: how the attempt ended. The supervisor writes it; where there was none, or it was killed, the agent
/// does, so that the verdict stays the same until the server has taken it.
/// </summary>
internal sealed record ExitFile(
    int Version,
    string Outcome,
    string? Reason,
    [property: JsonPropertyName("exit")] int? ExitCode,
    int? Signal,
    string? Message,
    string? Traceback,
    string? Step,
    long LastEvent,
    long? Started,
    long? Ended,
    long? PeakMemory,
    double? CpuSeconds
)
{
    /// <summary>A verdict of the agent.</summary>
    public static ExitFile Of(string outcome, string? reason, string message) =>
        new(1, outcome, reason, null, null, message, null, null, 0, null, null, null, null);
}

/// <summary>The members of an <c>artifact</c> event that the agent needs.</summary>
internal sealed record ArtifactEvent(string Name, string Root, IReadOnlyList<ArtifactFile> Files);

internal sealed record ArtifactFile(string Path, long Size, string Sha256);
