using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Server.MLflow.Protocol;

namespace Alidade.Server.MLflow.Traces;

public sealed record AssessmentSource(string SourceType, string? SourceId);

/// <summary>What a person, a model or a program thinks of a trace; kept as it is answered.</summary>
/// <param name="Overrides">The one that this one stands for.</param>
/// <param name="Valid">False while another one stands for it.</param>
public sealed record Assessment(
    string AssessmentId,
    string AssessmentName,
    string TraceId,
    string? SpanId,
    AssessmentSource? Source,
    string CreateTime,
    string LastUpdateTime,
    JsonElement? Feedback,
    JsonElement? Expectation,
    JsonElement? Issue,
    string? Rationale,
    IReadOnlyDictionary<string, string> Metadata,
    string? Overrides,
    bool Valid
)
{
    private const int LongestText = 65_536;

    /// <param name="now">Its moment, unless its client says another.</param>
    public static Assessment Of(string trace, AssessmentMessage given, long now)
    {
        if (new[] { given.Feedback, given.Expectation, given.Issue }.Count(v => v is not null) != 1)
        {
            throw MlflowException.Invalid("An assessment must have one of feedback, expectation and issue.");
        }

        var at = Moments.Text(Moments.OfText(given.CreateTime, "create_time") ?? now);
        return new Assessment(
            given.AssessmentId is { Length: > 0 } id ? Fits(id, "Assessment ID") : "a-" + Guid.NewGuid().ToString("N"),
            NameOf(given),
            trace,
            given.SpanId,
            given.Source is { } source ? new(ProtoEnum.Name(source.SourceType), source.SourceId) : null,
            at,
            at,
            Fits(given.Feedback),
            Fits(Written(given.Expectation)),
            Fits(given.Issue),
            Fits(given.Rationale, "Rationale"),
            MetadataOf(given),
            given.Overrides is { Length: > 0 } overridden ? overridden : null,
            given.Valid ?? true
        );
    }

    /// <summary>Who judged, and of what kind the judgement is, never changes.</summary>
    /// <param name="mask">The members that change, as in <c>assessment_name</c> or <c>assessmentName</c>.</param>
    public Assessment With(AssessmentMessage given, IEnumerable<string> mask, long now)
    {
        var changed = this with { LastUpdateTime = Moments.Text(now) };
        foreach (var member in mask.Select(JsonNamingPolicy.SnakeCaseLower.ConvertName))
        {
            changed = member switch
            {
                "assessment_name" => changed with { AssessmentName = NameOf(given) },
                "feedback" => changed with { Feedback = SameKind(Feedback, Fits(given.Feedback), member) },
                "expectation" => changed with
                {
                    Expectation = SameKind(Expectation, Fits(Written(given.Expectation)), member),
                },
                "rationale" => changed with { Rationale = Fits(given.Rationale, "Rationale") },
                "metadata" => changed with { Metadata = TraceInfo.Merged(Metadata, MetadataOf(given)) },
                "valid" => changed with { Valid = given.Valid ?? true },
                _ => throw MlflowException.Invalid($"'{member}' of an assessment cannot be changed."),
            };
        }

        return changed;
    }

    private static JsonElement? SameKind(JsonElement? known, JsonElement? given, string kind) =>
        known is not null && given is not null
            ? given
            : throw MlflowException.Invalid($"Only the {kind} of an assessment that has one can be changed.");

    private static string NameOf(AssessmentMessage given)
    {
        var name = given.AssessmentName is { Length: > 0 } text
            ? text
            : throw MlflowException.Required("assessment_name", null);
        Keys.CheckLength(name, "Assessment name", Keys.LongestKey);
        return name;
    }

    private static Dictionary<string, string> MetadataOf(AssessmentMessage given) =>
        TextMap.Read(given.Metadata, "metadata", LongestText);

    /// <summary>Clients read an expectation that is more than one value from its JSON text.</summary>
    private static JsonElement? Written(JsonElement? expectation) =>
        expectation is { ValueKind: JsonValueKind.Object } given
        && given.TryGetProperty("value", out var value)
        && value.ValueKind is JsonValueKind.Object or JsonValueKind.Array
            ? JsonSerializer.SerializeToElement(
                new
                {
                    serialized_value = new
                    {
                        serialization_format = "JSON_FORMAT",
                        value = PythonText.Json(JsonNode.Parse(value.GetRawText())),
                    },
                }
            )
            : expectation;

    private static JsonElement? Fits(JsonElement? value)
    {
        Fits(value?.GetRawText(), "Assessment value");
        return value;
    }

    [return: NotNullIfNotNull(nameof(text))]
    private static string? Fits(string? text, string what)
    {
        Keys.CheckLength(text ?? "", what, LongestText);
        return text;
    }
}
