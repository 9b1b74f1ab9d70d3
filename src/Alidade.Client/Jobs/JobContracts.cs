using System.Text.Json;
using System.Text.Json.Serialization;

namespace Alidade.Client;

/// <summary>A request to run an entrypoint.</summary>
/// <param name="Values">Parameter values as texts; parameters that are left out take their defaults.</param>
/// <param name="Timeout">Such as <c>90s</c>, <c>30m</c>, <c>24h</c>.</param>
/// <param name="Seed">Seeds random, numpy and torch; drawn by the server when it is left out.</param>
/// <param name="Priority">From -100 to 100; one step is worth ten minutes of waiting.</param>
/// <param name="NotBefore">A moment such as <c>2027-01-31T18:00:00Z</c> until which it waits.</param>
/// <param name="NotAfter">It fails if it has not begun by this moment.</param>
/// <param name="After">Jobs that must end before it begins.</param>
/// <param name="AfterPolicy">
/// When one of those does not finish: <c>finished</c> (the default) makes it fail, <c>skip</c> skips it, <c>any</c> runs it.
/// </param>
/// <param name="Labels">The worker must have these.</param>
/// <param name="MaxFailures">Retries after a failure of user code; none by default.</param>
/// <param name="MaxLosses">Retries after the loss of a worker; two by default.</param>
public sealed record JobContent(
    long Queue,
    long Entrypoint,
    IReadOnlyDictionary<string, string> Values,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        IReadOnlyDictionary<string, ArtifactValue>? ArtifactValues = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Timeout = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Description = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Seed = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Priority = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NotBefore = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NotAfter = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<long>? After = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? AfterPolicy = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        IReadOnlyDictionary<string, string>? Labels = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JobResources? Resources = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? MaxFailures = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? MaxLosses = null
);

/// <summary>What a job takes of its worker while it runs.</summary>
/// <param name="Cpu">Processors, such as 0.5.</param>
/// <param name="Memory">Bytes.</param>
public sealed record JobResources(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Cpu = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Memory = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Gpus = null
);

/// <summary>An artifact, pinned, as the value of an artifact parameter.</summary>
public sealed record ArtifactValue(long Id, long SnapshotId);

/// <param name="State">scheduled, queued, claimed, running, unreachable, cancelling, finished, failed, cancelled or skipped.</param>
/// <param name="Reason">Why it failed, as a word: <c>user_error</c>, <c>timeout</c>, ...</param>
/// <param name="Message">Why it failed, for a person.</param>
/// <param name="WaitingReason">Why it does not run yet.</param>
/// <param name="Attempts">How often it was begun: more than once after a loss.</param>
public sealed record Job(
    long Id,
    string? Description,
    Reference Queue,
    Reference Experiment,
    Reference Entrypoint,
    IReadOnlyDictionary<string, string?> Values,
    string Status,
    string State,
    string? Reason,
    string? Message,
    string? WaitingReason,
    int Attempts,
    long? Seed,
    string? RunId,
    double? DurationSeconds,
    IReadOnlyList<ArtifactReference> Artifacts
)
{
    /// <summary>It has reached its end and will not move by itself.</summary>
    [JsonIgnore]
    public bool Ended => State is "finished" or "failed" or "cancelled" or "skipped";
}

public sealed record ArtifactReference(long Id, string Url);

/// <summary>A change of a job's state.</summary>
/// <param name="Actor">user, worker, clock or dispatcher.</param>
/// <param name="Time">Microseconds since 1970 UTC.</param>
public sealed record JobChange(string State, string? Reason, string? Message, string Actor, long Time);

/// <summary>Log lines after a given one.</summary>
/// <param name="Last">Number to ask after next time.</param>
/// <param name="Complete">The job has ended and nothing comes after <paramref name="Last"/>.</param>
public sealed record LogPage(IReadOnlyList<LogLine> Lines, long Last, bool Complete);

/// <param name="Number">Dense, from 1.</param>
/// <param name="Time">Microseconds since 1970 UTC.</param>
/// <param name="Stream">stdout, stderr, log or system.</param>
public sealed record LogLine(
    [property: JsonPropertyName("n")] long Number,
    [property: JsonPropertyName("t")] long Time,
    [property: JsonPropertyName("s")] string Stream,
    [property: JsonPropertyName("l")] string Level,
    string? Step,
    string? Logger,
    [property: JsonPropertyName("m")] string Message
);

/// <summary>The last value of a metric.</summary>
public sealed record Metric(string Name, double Value);

/// <summary>A last value that user code reported.</summary>
public sealed record Result(string Name, JsonElement Value);

/// <param name="State">waiting, running, finished or failed.</param>
public sealed record Step(
    string Name,
    string Task,
    string State,
    long? Started,
    long? Ended,
    IReadOnlyList<string> After,
    string? Error
);
