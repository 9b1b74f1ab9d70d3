using Alidade.Server.MLflow.Experiments;
using Alidade.Server.MLflow.Protocol;

namespace Alidade.Server.MLflow.Runs;

public sealed record CreateRun(
    string? ExperimentId,
    string? UserId,
    string? RunName,
    long? StartTime,
    IReadOnlyList<TagMessage> Tags
);

public sealed record GetRun([Required, Formerly("run_uuid")] string RunId);

public sealed record UpdateRun(
    [Required, Formerly("run_uuid")] string RunId,
    RunStatus? Status,
    long? EndTime,
    string? RunName
);

public sealed record LogMetric(
    [Required, Formerly("run_uuid")] string RunId,
    [Required] string Key,
    [Required] double Value,
    [Required] long Timestamp,
    long Step = 0,
    string? ModelId = null,
    string? DatasetName = null,
    string? DatasetDigest = null
);

public sealed record LogParameter([Required, Formerly("run_uuid")] string RunId, [Required] string Key, string? Value);

/// <param name="Timestamp">Milliseconds.</param>
public sealed record MetricMessage(
    [Required] string Key,
    [Required] double Value,
    [Required] long Timestamp,
    long Step = 0,
    string? ModelId = null,
    string? DatasetName = null,
    string? DatasetDigest = null
);

public sealed record ParameterMessage([Required] string Key, string? Value);

public sealed record LogBatch(
    [Required] string RunId,
    IReadOnlyList<MetricMessage> Metrics,
    IReadOnlyList<ParameterMessage> Params,
    IReadOnlyList<TagMessage> Tags
);

public sealed record SetTag([Required, Formerly("run_uuid")] string RunId, [Required] string Key, string? Value);

public sealed record DeleteTag([Required] string RunId, [Required] string Key);
