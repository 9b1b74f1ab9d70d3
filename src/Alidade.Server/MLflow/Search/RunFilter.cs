using Alidade.Engine.Search.Filters;
using Alidade.Server.MLflow.Protocol;
using Alidade.Storage.Runs;

namespace Alidade.Server.MLflow.Search;

/// <summary>What filters and orders over runs mean.</summary>
internal static class RunFilter
{
    /// <summary>Each may join a table, of which a database takes some sixty.</summary>
    private const int MostOrders = 50;

    private static readonly string[] Equality = ["=", "!=", "LIKE", "ILIKE"];
    private static readonly string[] Numeric = [">", ">=", "!=", "=", "<", "<="];
    private static readonly string[] SearchKeys =
    [
        "run_id",
        "run_name",
        "run name",
        "Run name",
        "Run Name",
        "user_id",
        "status",
        "artifact_uri",
        "start_time",
        "created",
        "Created",
        "end_time",
    ];

    public static IReadOnlyList<RunCondition> Compile(string? filter) => [.. Filter.Parse(filter).Select(Compile)];

    public static IReadOnlyList<RunOrder> Order(IReadOnlyList<string> orders)
    {
        if (orders.Count > MostOrders)
        {
            throw MlflowException.Invalid(
                $"order_by has {orders.Count} terms; runs are ordered by {MostOrders} at most. The first ones decide."
            );
        }

        return
        [
            .. OrderClause
                .ParseAll(orders)
                .Select(o =>
                    FieldOf(o.Entity) switch
                    {
                        RunField.Attribute => new RunOrder(RunField.Attribute, AttributeOf(o.Key), o.Descending),
                        RunField.Dataset => throw MlflowException.Invalid("Runs cannot be ordered by their datasets."),
                        var field => new RunOrder(field, o.Key, o.Descending),
                    }
                ),
        ];
    }

    private static RunCondition Compile(Comparison c) =>
        FieldOf(c.Entity) switch
        {
            RunField.Attribute => Attribute(c),
            RunField.Metric => Metric(c),
            RunField.Dataset => Dataset(c),
            var field => Named(field, c),
        };

    private static RunField FieldOf(string? entity) =>
        entity switch
        {
            null or "attribute" or "attributes" or "attr" or "run" => RunField.Attribute,
            "metric" or "metrics" => RunField.Metric,
            "param" or "params" or "parameter" or "parameters" => RunField.Parameter,
            "tag" or "tags" => RunField.Tag,
            "dataset" or "datasets" => RunField.Dataset,
            _ => throw MlflowException.Invalid(
                $"Invalid entity type '{entity}'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']"
            ),
        };

    private static string AttributeOf(string key) =>
        key switch
        {
            "run name" or "Run name" or "Run Name" => "run_name",
            "created" or "Created" => "start_time",
            _ when SearchKeys.Contains(key) => key,
            _ => throw MlflowException.Invalid(
                $"Invalid attribute key '{key}' specified. Valid keys are '{{{string.Join(", ", SearchKeys.Select(PythonText.Repr))}}}'"
            ),
        };

    private static RunCondition Attribute(Comparison c)
    {
        var key = AttributeOf(c.Key);
        if (key is "start_time" or "end_time")
        {
            c.RequireComparator(Numeric);
            return new RunCondition(RunField.Attribute, key, c.Comparator, c.NumberOf(c.Key));
        }

        if (c.Comparator is "IN" or "NOT IN" && key != "run_id")
        {
            throw MlflowException.Invalid(
                "Only the 'run_id' attribute supports comparison with a list of quoted string values."
            );
        }

        c.RequireComparator([.. Equality, "IN", "NOT IN"]);
        return new RunCondition(RunField.Attribute, key, c.Comparator, TextOf(c, "attribute"));
    }

    private static RunCondition Metric(Comparison c)
    {
        c.RequireComparator(Numeric);
        return new RunCondition(RunField.Metric, c.Key, c.Comparator, c.NumberOf("metric"));
    }

    private static RunCondition Named(RunField field, Comparison c)
    {
        c.RequireComparator([.. Equality, "IS NULL", "IS NOT NULL"]);
        var value = c.Comparator.StartsWith("IS", StringComparison.Ordinal)
            ? null
            : TextOf(c, field == RunField.Tag ? "tag" : "parameter");
        return new RunCondition(field, c.Key, c.Comparator, value);
    }

    private static RunCondition Dataset(Comparison c)
    {
        if (c.Key is not ("name" or "digest" or "context"))
        {
            throw MlflowException.Invalid(
                $"Invalid dataset key '{c.Key}' specified. Valid keys are '{{'name', 'digest', 'context'}}'"
            );
        }

        c.RequireComparator([.. Equality, "IN", "NOT IN"]);
        return new RunCondition(RunField.Dataset, c.Key, c.Comparator, TextOf(c, "dataset"));
    }

    /// <summary>A list only where the comparator takes one.</summary>
    private static object TextOf(Comparison c, string what) =>
        c.IsList == c.Comparator is "IN" or "NOT IN"
            ? c.TextOf(what)
            : throw MlflowException.Invalid(
                c.IsList
                    ? $"Expected a quoted string value for {what} (e.g. 'my-value'). Got a list with {c.Comparator}."
                    : $"Expected a list of quoted string values in parentheses after {c.Comparator}."
            );
}
