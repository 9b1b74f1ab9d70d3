using Alidade.Engine.Search.Filters;
using Alidade.Storage.Runs;

namespace Alidade.Server.Runs.Tables;

/// <summary>
/// What a filter, an order or a column names: <c>params.lr</c>, <c>metrics.loss</c> (its last value), <c>min.loss</c>,
/// <c>max.loss</c>, <c>results.score</c>, <c>tags.owner</c>, or a member such as <c>state</c>.
/// </summary>
public sealed record FieldName(RunField Field, string Key)
{
    /// <summary>Members of every run, as they are typed; some have a second name.</summary>
    private static readonly Dictionary<string, string> Members = new(StringComparer.Ordinal)
    {
        ["id"] = "run_id",
        ["run_id"] = "run_id",
        ["name"] = "name",
        ["run_name"] = "name",
        ["description"] = "name",
        ["state"] = "state",
        ["status"] = "state",
        ["kind"] = "kind",
        ["job"] = "job",
        ["parent"] = "parent",
        ["user"] = "user",
        ["entrypoint"] = "entrypoint",
        ["queue"] = "queue",
        ["tag"] = "label",
        ["created"] = "created",
        ["started"] = "started",
        ["start_time"] = "started",
        ["ended"] = "ended",
        ["end_time"] = "ended",
        ["duration"] = "duration",
    };

    /// <summary>As it is typed.</summary>
    public string Text =>
        Field switch
        {
            RunField.Attribute => Key == "run_id" ? "id" : Key,
            RunField.Metric => "metrics." + Key,
            RunField.Least => "min." + Key,
            RunField.Greatest => "max." + Key,
            RunField.Parameter => "params." + Key,
            RunField.Result => "results." + Key,
            RunField.Tag => "tags." + Key,
            _ => "datasets." + Key,
        };

    public bool IsTime => Field == RunField.Attribute && Key is "created" or "started" or "ended";

    public bool IsNumber =>
        IsTime || RunCells.IsSeries(Field) || (Field == RunField.Attribute && Key is "job" or "duration");

    /// <summary>Null when there is no such thing.</summary>
    public static FieldName? TryParse(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        var (entity, key) = FieldNames.Split(text);
        return TryOf(entity, key);
    }

    public static FieldName? TryOf(string? entity, string key)
    {
        return entity switch
        {
            null or "attribute" or "attributes" or "attr" or "run" => Members.TryGetValue(key, out var member)
                ? new FieldName(RunField.Attribute, member)
                : null,
            "metric" or "metrics" or "last" => Named(RunField.Metric),
            "min" => Named(RunField.Least),
            "max" => Named(RunField.Greatest),
            "param" or "params" or "parameter" or "parameters" => Named(RunField.Parameter),
            "result" or "results" => Named(RunField.Result),
            "tag" or "tags" => Named(RunField.Tag),
            "dataset" or "datasets" => key is "name" or "digest" or "context"
                ? new FieldName(RunField.Dataset, key)
                : null,
            _ => null,
        };

        FieldName? Named(RunField field) => key.Length == 0 ? null : new FieldName(field, key);
    }

    /// <summary>What may be typed, for refusals.</summary>
    public static string Choices =>
        "params.NAME, metrics.NAME, min.NAME, max.NAME, results.NAME, tags.NAME, datasets.name, "
        + string.Join(
            ", ",
            Members
                .Values.Distinct()
                .Select(m =>
                    m == "run_id" ? "id"
                    : m == "label" ? "tag"
                    : m
                )
        );
}
