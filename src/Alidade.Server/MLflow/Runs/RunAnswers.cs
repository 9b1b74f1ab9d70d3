using Alidade.Server.MLflow.Experiments;

namespace Alidade.Server.MLflow.Runs;

public sealed record RunAnswer(RunInfo Info, RunData Data, RunInputsAnswer Inputs, RunOutputsAnswer Outputs);

/// <summary>Times in milliseconds.</summary>
public sealed record RunInfo(
    string RunId,
    string RunUuid,
    string RunName,
    string ExperimentId,
    string UserId,
    string Status,
    long? StartTime,
    long? EndTime,
    string ArtifactUri,
    string LifecycleStage
);

public sealed record RunData(
    IReadOnlyList<MetricAnswer> Metrics,
    IReadOnlyList<KeyValue> Params,
    IReadOnlyList<KeyValue> Tags
);

public sealed record MetricAnswer(string Key, double Value, long Timestamp, long Step);

public sealed record RunInputsAnswer(
    IReadOnlyList<DatasetInputAnswer> DatasetInputs,
    IReadOnlyList<ModelInputAnswer> ModelInputs
);

public sealed record DatasetInputAnswer(IReadOnlyList<KeyValue> Tags, DatasetAnswer Dataset);

public sealed record DatasetAnswer(
    string Name,
    string Digest,
    string SourceType,
    string Source,
    string? Schema,
    string? Profile
);

public sealed record ModelInputAnswer(string ModelId);

public sealed record RunOutputsAnswer(IReadOnlyList<ModelOutputAnswer> ModelOutputs);

public sealed record ModelOutputAnswer(string ModelId, long Step);
