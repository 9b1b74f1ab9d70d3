using Alidade.Server.MLflow.Experiments;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.MLflow.Runs;

namespace Alidade.Server.MLflow.Models;

/// <summary>How far a model has come.</summary>
public enum LoggedModelStatus
{
    LoggedModelPending = 1,
    LoggedModelReady = 2,
    LoggedModelUploadFailed = 3,
}

public sealed record CreateLoggedModel(
    [Required] string ExperimentId,
    string? Name,
    string? ModelType,
    string? SourceRunId,
    IReadOnlyList<ParameterMessage> Params,
    IReadOnlyList<TagMessage> Tags
);

public sealed record FinalizeLoggedModel([Required] LoggedModelStatus Status);

public sealed record SetLoggedModelTags(IReadOnlyList<TagMessage> Tags);

public sealed record LogLoggedModelParams(IReadOnlyList<ParameterMessage> Params);

public sealed record LoggedModelOrder(
    [Required] string FieldName,
    bool? Ascending,
    string? DatasetName,
    string? DatasetDigest
);

public sealed record LoggedModelDataset([Required] string DatasetName, string? DatasetDigest);

public sealed record SearchLoggedModels(
    IReadOnlyList<string> ExperimentIds,
    string? Filter,
    IReadOnlyList<LoggedModelDataset> Datasets,
    long? MaxResults,
    IReadOnlyList<LoggedModelOrder> OrderBy,
    string? PageToken
);

public sealed record LoggedModelAnswer(LoggedModelInfo Info, LoggedModelData Data);

public sealed record LoggedModelInfo(
    string ModelId,
    string ExperimentId,
    string Name,
    long CreationTimestampMs,
    long LastUpdatedTimestampMs,
    string ArtifactUri,
    string Status,
    string ModelType,
    string? SourceRunId,
    IReadOnlyList<KeyValue> Tags
);

public sealed record LoggedModelData(IReadOnlyList<KeyValue> Params, IReadOnlyList<ModelMetricAnswer> Metrics);

public sealed record ModelMetricAnswer(
    string Key,
    double Value,
    long Timestamp,
    long Step,
    string ModelId,
    string? DatasetName,
    string? DatasetDigest,
    string RunId
);

public sealed record SearchLoggedModelsAnswer(IReadOnlyList<LoggedModelAnswer> Models, string? NextPageToken);
