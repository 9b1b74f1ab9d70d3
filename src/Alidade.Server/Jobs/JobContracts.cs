using System.Text.Json;
using System.Text.Json.Serialization;
using Alidade.Server.Artifacts;
using Alidade.Server.Jobs.Policies;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Resources;

namespace Alidade.Server.Jobs;

/// <summary>A request to run an entrypoint.</summary>
/// <param name="Values">Texts by parameter; those left out take their defaults.</param>
/// <param name="ArtifactValues">Artifacts by artifact parameter, each <c>{"id", "snapshotId"}</c>.</param>
/// <param name="Timeout">Such as <c>90s</c>, <c>30m</c>, <c>24h</c>.</param>
/// <param name="Seed">Seeds random, numpy and torch; drawn when it is left out.</param>
/// <param name="Priority">One step is worth ten minutes of waiting.</param>
/// <param name="NotBefore">It waits until this moment.</param>
/// <param name="NotAfter">It fails if it has not begun by this moment.</param>
/// <param name="After">Jobs that must end before it begins.</param>
/// <param name="AfterPolicy">
/// When one of those does not finish: <c>finished</c> makes this job fail, <c>skip</c> skips it, <c>any</c> runs it all the
/// same.
/// </param>
/// <param name="Labels">The worker must have these.</param>
/// <param name="Resources">What it takes of its worker while it runs.</param>
/// <param name="MaxFailures">Retries after a failure of user code.</param>
/// <param name="MaxLosses">Retries after the loss of a worker or process.</param>
public sealed record JobInput(
    long Queue,
    long Entrypoint,
    long? EntrypointSnapshot = null,
    IReadOnlyDictionary<string, string?>? Values = null,
    JsonElement? ArtifactValues = null,
    [Timeout] string? Timeout = null,
    string? Description = null,
    [Seed] long? Seed = null,
    [Priority] long Priority = 0,
    [Moment] string? NotBefore = null,
    [Moment] string? NotAfter = null,
    [Length(0, JobTimes.MostAfter)] IReadOnlyList<long>? After = null,
    [OneOf("finished", "skip", "any")] string AfterPolicy = "finished",
    IReadOnlyDictionary<string, string?>? Labels = null,
    ResourceRequest? Resources = null,
    [Between(0, 100)] long? MaxFailures = null,
    [Between(0, 100)] long? MaxLosses = null
);

/// <summary>Processors, bytes and GPUs that a job takes of its worker; 0 takes what is there.</summary>
public sealed record ResourceAmounts(double Cpu, long Memory, long Gpus);

public sealed record StatusInput([OneOf("queued", "started", "deferred", "finished", "failed", "reset")] string Status);

public sealed record JobStatusView(long Id, string Status);

public sealed record MlflowRunInput([RunId] string MlflowRunId);

public sealed record MlflowRunView(string? MlflowRunId);

/// <summary>An artifact pinned as a job's input.</summary>
public sealed record ArtifactPin(long Id, long SnapshotId);

/// <summary>A job as Dioptra's clients know it, and what we know beyond.</summary>
public sealed record JobView
{
    public required long Id { get; init; }
    public required long Snapshot { get; init; }
    public required GroupRef Group { get; init; }
    public required UserRef User { get; init; }
    public required string CreatedOn { get; init; }
    public required string SnapshotCreatedOn { get; init; }
    public required string LastModifiedOn { get; init; }
    public required bool LatestSnapshot { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? HasDraft { get; init; }
    public required IReadOnlyList<TagRef> Tags { get; init; }
    public required string? Description { get; init; }
    public required SnapshotRef Queue { get; init; }
    public required SnapshotRef Experiment { get; init; }
    public required SnapshotRef Entrypoint { get; init; }
    public required IReadOnlyDictionary<string, string?> Values { get; init; }
    public required IReadOnlyDictionary<string, ArtifactPin> ArtifactValues { get; init; }
    public required string Timeout { get; init; }
    public required string Status { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ArtifactRef>? Artifacts { get; init; }

    /// <summary>scheduled, queued, claimed, running, unreachable, cancelling, finished, failed, cancelled or skipped.</summary>
    public required string State { get; init; }

    /// <summary>Why it is in this state, as a word.</summary>
    public required string? Reason { get; init; }

    /// <summary>Why, for a person.</summary>
    public required string? Message { get; init; }

    /// <summary>Why it does not run yet.</summary>
    public string? WaitingReason { get; init; }
    public required int Attempts { get; init; }
    public required long Priority { get; init; }

    /// <summary>Set while it waits for this moment.</summary>
    public string? NotBefore { get; init; }

    /// <summary>Set until it has begun.</summary>
    public string? NotAfter { get; init; }

    /// <summary>Jobs it comes after.</summary>
    public required IReadOnlyList<long> After { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }
    public required ResourceAmounts Resources { get; init; }
    public required int MaxFailures { get; init; }
    public required int MaxLosses { get; init; }
    public required bool Restartable { get; init; }
    public required long Seed { get; init; }
    public required string RunId { get; init; }
    public required string? StartedOn { get; init; }
    public required string? EndedOn { get; init; }
    public required double? DurationSeconds { get; init; }
}

/// <summary>One change of a job's state.</summary>
public sealed record JobEventView(
    long Id,
    string State,
    string? Reason,
    string? Message,
    string Actor,
    string? Username,
    int? Attempt,
    string? Worker,
    long Time
);
