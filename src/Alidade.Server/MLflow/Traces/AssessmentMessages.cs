using System.Text.Json;
using Alidade.Server.MLflow.Protocol;

namespace Alidade.Server.MLflow.Traces;

/// <summary>Who judged.</summary>
public enum AssessmentSourceType
{
    SourceTypeUnspecified,
    Human,
    LlmJudge,
    Code,
}

public sealed record AssessmentSourceMessage(AssessmentSourceType SourceType, string? SourceId);

/// <summary>An assessment as clients send it: whole, or only what is to change.</summary>
public sealed record AssessmentMessage(
    string? AssessmentId,
    string? AssessmentName,
    string? SpanId,
    AssessmentSourceMessage? Source,
    string? CreateTime,
    JsonElement? Feedback,
    JsonElement? Expectation,
    JsonElement? Issue,
    string? Rationale,
    JsonElement? Metadata,
    string? Overrides,
    bool? Valid
);

public sealed record CreateAssessment([Required] AssessmentMessage Assessment);

/// <param name="UpdateMask">The members that change, joined by commas.</param>
public sealed record UpdateAssessment([Required] AssessmentMessage Assessment, [Required] string UpdateMask);
