using System.Text.Json;
using System.Text.Json.Serialization;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Resources;

namespace Alidade.Server.Jobs;

/// <summary>A request to run an entrypoint.</summary>
/// <param name="Values">Texts by parameter; those left out take their defaults.</param>
/// <param name="ArtifactValues">Artifacts by artifact parameter, each <c>{"id", "snapshotId"}</c>.</param>
/// <param name="Timeout">Such as <c>90s</c>, <c>30m</c>, <c>24h</c>.</param>
/// <param name="Seed">Seeds random, numpy and torch; drawn when it is left out.</param>
/// <param name="Priority">One step is worth ten minutes of waiting.</param>
public sealed record JobInput(
    long Queue,
    long Entrypoint,
    long? EntrypointSnapshot = null,
    IReadOnlyDictionary<string, string?>? Values = null,
    JsonElement? ArtifactValues = null,
    [Timeout] string? Timeout = null,
    string? Description = null,
    [Seed] long? Seed = null,
    [Priority] long Priority = 0
);

public sealed record StatusInput([OneOf("queued", "started", "deferred", "finished", "failed", "reset")] string Status);

public sealed record StatusView(long Id, string Status);

public sealed record MlflowRunInput([RunId] string MlflowRunId);

public sealed record MlflowRunView(string? MlflowRunId);

/// <summary>An artifact pinned as a job's input.</summary>
public sealed record ArtifactPin(long Id, long SnapshotId);

public sealed record ArtifactRef(long Id, GroupRef Group, string Url);

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
