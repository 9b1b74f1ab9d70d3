using System.Text.Json.Nodes;

namespace Alidade.Client;

/// <summary>What shaped a job, and what each of its attempts ran in and left.</summary>
public sealed record JobRecord(
    long Job,
    string RunId,
    RecordedDefinition Definition,
    IReadOnlyList<RecordedAttempt> Attempts
);

/// <summary>What was fixed when the job was submitted.</summary>
public sealed record RecordedDefinition(
    RecordedEntrypoint Entrypoint,
    string? PlanDigest,
    JsonObject Parameters,
    IReadOnlyList<RecordedFile> Plugins,
    IReadOnlyList<RecordedFile> Inputs,
    long Seed,
    bool SeedGiven
);

public sealed record RecordedEntrypoint(long Id, long Snapshot, string Name);

public sealed record RecordedFile(string Path, string Sha256, long Size);

/// <param name="Start">Null until its supervisor was ready to run user code.</param>
/// <param name="End">Null until it has ended.</param>
public sealed record RecordedAttempt(int Number, string State, string? Worker, RecordedStart? Start, RecordedEnd? End);

public sealed record RecordedStart(
    string StartedOn,
    string? Level,
    string? Python,
    string? Executable,
    string? Host,
    string? Alidade,
    long? Seed,
    int? Threads,
    bool? Network,
    double? Timeout,
    long? Memory,
    IReadOnlyList<string> Data,
    IReadOnlyList<string> Secrets,
    RecordedPart? Environment,
    RecordedPart? Machine
);

/// <param name="Facts">Null when the server does not know them.</param>
public sealed record RecordedPart(string Digest, JsonObject? Facts);

public sealed record RecordedEnd(
    string EndedOn,
    string? Reason,
    int? Exit,
    int? Signal,
    long? PeakMemory,
    double? CpuSeconds,
    IReadOnlyList<RecordedResult> Results,
    IReadOnlyList<RecordedOutput> Outputs,
    bool Whole
);

public sealed record RecordedResult(string Name, JsonNode? Value, string? Sha256);

public sealed record RecordedOutput(string Path, bool IsDir, long Size, string? Sha256);

/// <summary>What differs between two jobs.</summary>
/// <param name="Shape">In what shaped them.</param>
/// <param name="Place">In where they ran.</param>
/// <param name="Outcome">In what came of them.</param>
/// <param name="Unknown">What could not be compared, and why.</param>
public sealed record JobComparison(
    long Job,
    long Other,
    IReadOnlyList<JobDifference> Shape,
    IReadOnlyList<JobDifference> Place,
    IReadOnlyList<JobDifference> Outcome,
    IReadOnlyList<string> Unknown
);

public sealed record JobDifference(string Name, string? Here, string? There);
