using System.Text.Json.Nodes;
using Alidade.Engine.Protocol;
using Alidade.Storage.Records;

namespace Alidade.Server.Records;

/// <summary>What shaped a job, and what each of its attempts ran in and left.</summary>
public sealed record RecordView(
    long Job,
    string RunId,
    DefinitionView Definition,
    IReadOnlyList<AttemptRecord> Attempts
);

/// <summary>What was fixed when the job was submitted; all attempts share it.</summary>
/// <param name="PlanDigest">SHA-256 of the compiled plan; null when it does not compile.</param>
/// <param name="Parameters">Values as the plan has them.</param>
/// <param name="Plugins">Every file that lay below <c>plugins/</c>.</param>
/// <param name="Inputs">Every file that lay below <c>inputs/</c>.</param>
/// <param name="SeedGiven">Whether the submitter chose the seed; else it was drawn.</param>
public sealed record DefinitionView(
    RecordedEntrypoint Entrypoint,
    string? PlanDigest,
    JsonObject Parameters,
    IReadOnlyList<GrantFile> Plugins,
    IReadOnlyList<GrantFile> Inputs,
    long Seed,
    bool SeedGiven
);

public sealed record RecordedEntrypoint(long Id, long Snapshot, string Name);

/// <summary>One try of a job.</summary>
/// <param name="Run">
/// The run that has its metrics, results and logged parameters, once another one has begun; until then they are the job's.
/// </param>
/// <param name="Start">Null until its supervisor was ready to run user code.</param>
/// <param name="End">Null until it has ended.</param>
public sealed record AttemptRecord(
    int Number,
    string State,
    string? Worker,
    string? Run,
    StartRecord? Start,
    EndRecord? End
);

/// <summary>What an attempt ran in, as its supervisor found it.</summary>
/// <param name="Level">Its isolation.</param>
/// <param name="Host">Name of the machine.</param>
/// <param name="Alidade">Version of the task host.</param>
/// <param name="Memory">Its limit in bytes; null for none.</param>
/// <param name="Timeout">Its limit in seconds.</param>
/// <param name="Data">Names of the data folders it was shown.</param>
/// <param name="Secrets">Names of the secrets it was given.</param>
/// <param name="Environment">Interpreter and packages; null when the worker did not tell.</param>
/// <param name="Machine">Kernel, processors, memory, graphics; null when the worker did not tell.</param>
public sealed record StartRecord(
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

/// <param name="Facts">Null when they are not known here.</param>
public sealed record RecordedPart(string Digest, JsonObject? Facts);

/// <summary>How an attempt ended and what it left.</summary>
/// <param name="Whole">False when it left more than is listed.</param>
public sealed record EndRecord(
    string EndedOn,
    string? Reason,
    int? Exit,
    int? Signal,
    long? PeakMemory,
    double? CpuSeconds,
    IReadOnlyList<RemainingResult> Results,
    IReadOnlyList<RecordedOutput> Outputs,
    bool Whole
);

/// <param name="Sha256">Of the file, or of the list of the folder's files.</param>
public sealed record RecordedOutput(string Path, bool IsDir, long Size, string? Sha256);

/// <summary>What differs between two jobs, of each the last attempt that began.</summary>
/// <param name="Shape">Differences in what shaped them. None: they should have given the same.</param>
/// <param name="Place">Differences in where they ran that ought not to matter.</param>
/// <param name="Outcome">Differences in what came of it.</param>
/// <param name="Unknown">What could not be compared, and why.</param>
public sealed record ComparisonView(
    long Job,
    long Other,
    IReadOnlyList<Difference> Shape,
    IReadOnlyList<Difference> Place,
    IReadOnlyList<Difference> Outcome,
    IReadOnlyList<string> Unknown
);

/// <param name="Name">Such as <c>parameter eps</c>, <c>seed</c>, <c>package numpy</c>.</param>
/// <param name="Here">Null where the job has no such thing.</param>
public sealed record Difference(string Name, string? Here, string? There);
