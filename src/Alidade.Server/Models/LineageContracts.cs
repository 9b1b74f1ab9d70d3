namespace Alidade.Server.Models;

/// <summary>Where a version comes from and where it went: data, what made it, the version, what used it.</summary>
public sealed record LineageView(
    IReadOnlyList<LineageData> Data,
    LineageStep? MadeBy,
    LineageVersion Version,
    IReadOnlyList<LineageStep> UsedBy
);

/// <summary>Something that was read: an artifact, or a dataset as its client describes it.</summary>
/// <param name="Kind">artifact or dataset.</param>
/// <param name="Id">Of an artifact.</param>
public sealed record LineageData(string Kind, string Name, string? Digest, long? Id, string? Source);

/// <summary>A job or a run.</summary>
/// <param name="Kind">job or run.</param>
/// <param name="Id">Number of the job, or id of the run.</param>
/// <param name="Evaluation">The entrypoint of the job, or what the run says it evaluates.</param>
public sealed record LineageStep(
    string Kind,
    string Id,
    string Name,
    string Status,
    string? Evaluation,
    string? EndedOn
);

public sealed record LineageVersion(long Model, string ModelName, long VersionNumber, long? Artifact, string? Digest);
