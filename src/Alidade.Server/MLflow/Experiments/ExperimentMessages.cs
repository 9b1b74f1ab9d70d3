using Alidade.Server.MLflow.Protocol;

namespace Alidade.Server.MLflow.Experiments;

public sealed record TagMessage([Required] string Key, string? Value);

public sealed record CreateExperiment([Required] string Name, string? ArtifactLocation, IReadOnlyList<TagMessage> Tags);

public sealed record GetExperiment([Required] string ExperimentId);

public sealed record GetExperimentByName([Required] string ExperimentName);

public sealed record UpdateExperiment([Required] string ExperimentId, [Required] string NewName);

public sealed record SetExperimentTag([Required] string ExperimentId, [Required] string Key, string? Value);

public sealed record DeleteExperimentTag([Required] string ExperimentId, [Required] string Key);

/// <summary>A key with its text, as answers show it.</summary>
public sealed record KeyValue(string Key, string Value);

/// <summary>Times in milliseconds.</summary>
public sealed record ExperimentAnswer(
    string ExperimentId,
    string Name,
    string ArtifactLocation,
    string LifecycleStage,
    long LastUpdateTime,
    long CreationTime,
    IReadOnlyList<KeyValue> Tags
);
