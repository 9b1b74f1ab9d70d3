using System.Text.Json;
using Alidade.Server.MLflow.Experiments;
using Alidade.Server.MLflow.Protocol;

namespace Alidade.Server.MLflow.Traces;

public sealed record StartTrace(
    [Required] string ExperimentId,
    long? TimestampMs,
    IReadOnlyList<TagMessage> RequestMetadata,
    IReadOnlyList<TagMessage> Tags
);

public sealed record EndTrace(
    long? TimestampMs,
    string? Status,
    IReadOnlyList<TagMessage> RequestMetadata,
    IReadOnlyList<TagMessage> Tags
);

public sealed record TraceExperiment(string? ExperimentId);

public sealed record TraceLocation(TraceExperiment? MlflowExperiment);

/// <param name="RequestTime">ISO-8601.</param>
/// <param name="ExecutionDuration">Seconds, as in <c>1.5s</c>.</param>
public sealed record TraceMessage(
    string? TraceId,
    string? ClientRequestId,
    TraceLocation? TraceLocation,
    string? RequestPreview,
    string? ResponsePreview,
    string? RequestTime,
    string? ExecutionDuration,
    string? State,
    JsonElement? TraceMetadata,
    JsonElement? Tags,
    IReadOnlyList<AssessmentMessage> Assessments
);

public sealed record WholeTrace([Required] TraceMessage TraceInfo);

public sealed record SaveTrace([Required] WholeTrace Trace);

public sealed record SearchOldTraces(
    IReadOnlyList<string> ExperimentIds,
    string? Filter,
    long? MaxResults,
    IReadOnlyList<string> OrderBy,
    string? PageToken
);

public sealed record SearchTraces(
    IReadOnlyList<TraceLocation> Locations,
    string? Filter,
    long? MaxResults,
    IReadOnlyList<string> OrderBy,
    string? PageToken
);

public sealed record DeleteTraces(
    [Required] string ExperimentId,
    long? MaxTimestampMillis,
    long? MaxTraces,
    IReadOnlyList<string> RequestIds,
    IReadOnlyList<string> TraceIds
);

public sealed record TraceTag([Required] string Key, string? Value);

public sealed record TraceTagKey([Required] string Key);

public sealed record TraceArtifact([Required, Formerly("trace_id")] string RequestId);
