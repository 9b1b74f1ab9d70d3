using Alidade.Engine.Search.Filters;
using Alidade.Server.MLflow.Experiments;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.MLflow.Search;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.MLflow.Models;

/// <summary>Searches over logged models.</summary>
public sealed class LoggedModelSearch(Stores stores)
{
    private const int UsualPage = 100;
    private const int LargestPage = 1000;

    private static readonly long Infinity = OrderedDouble.ToLong(double.PositiveInfinity);

    public async Task<IResult> SearchAsync(Caller caller, SearchLoggedModels request, CancellationToken cancellation)
    {
        var limit = MaxResults.Of(request.MaxResults, UsualPage, LargestPage);
        var filter = Filter.Parse(request.Filter);
        var after = PageToken.Read(request.PageToken);
        var (loaded, next) = await stores.Core.ReadAsync(
            s =>
            {
                var experiments = request
                    .ExperimentIds.Select(id => ExperimentIds.Find(s, caller, id)?.Id ?? 0)
                    .ToArray();
                var query = LoggedModels.Search(s, experiments, caller.Visible);
                var datasets = OnDatasets(query.Where, request.Datasets);
                query.Where.Add(request.Datasets.Count == 0 ? "1 = 1" : Measured(datasets));
                foreach (var comparison in filter)
                {
                    query.Where.Add(Condition(query.Where, comparison, datasets));
                }

                foreach (var order in request.OrderBy)
                {
                    Order(query, order);
                }

                var list = query.List();
                var rows = list.Page<LoggedModelRow>(after, limit + 1);
                return (
                    LoggedModelFace.Load(s, caller, [.. rows.Take(limit)]),
                    rows.Count > limit ? PageToken.Of(list.PlaceOf(rows[limit - 1].Id)) : null
                );
            },
            cancellation
        );
        return MlflowJson.Answer(new SearchLoggedModelsAnswer(LoggedModelFace.Answers(loaded), next));
    }

    /// <summary>That a metric was measured on one of the datasets; any will do where none is named.</summary>
    private static string OnDatasets(Conditions where, IReadOnlyList<LoggedModelDataset> datasets)
    {
        var named = datasets.Select(d =>
            $"(v.dataset = {where.Parameter(d.DatasetName)}"
            + (d.DatasetDigest is { Length: > 0 } digest ? $" AND v.digest = {where.Parameter(digest)})" : ")")
        );
        return datasets.Count == 0 ? "1 = 1" : $"({string.Join(" OR ", named)})";
    }

    private static string Measured(string condition) =>
        $"EXISTS (SELECT 1 FROM model_metric v WHERE v.model = m.id AND {condition})";

    private static string Condition(Conditions where, Comparison c, string datasets)
    {
        switch (c.Entity)
        {
            case "metric" or "metrics":
                c.RequireComparator("=", "!=", "<", "<=", ">", ">=");
                // NaN, which sorts above infinity, meets no condition.
                return Measured(
                    $"{datasets} AND v.name = {where.Parameter(c.Key)} AND v.value <= {Infinity} AND "
                        + $"v.value {Sign(c)} {where.Parameter(OrderedDouble.ToLong(c.NumberOf("metric")))}"
                );
            case "param" or "params" or "parameter" or "parameters":
                return Named(where, "run_parameter", c);
            case "tag" or "tags":
                return Named(where, "run_tag", c);
            case null or "attribute" or "attributes" or "attr":
                return Attribute(where, c);
            default:
                throw MlflowException.Invalid(
                    $"Invalid entity type '{c.Entity}'. Valid values are ['metric', 'parameter', 'tag', 'attribute']"
                );
        }
    }

    private static string Named(Conditions where, string table, Comparison c)
    {
        c.RequireComparator("=", "!=", "LIKE", "ILIKE");
        return $"EXISTS (SELECT 1 FROM {table} v WHERE v.run = m.id AND v.name = {where.Parameter(c.Key)} AND "
            + $"{where.Text("v.value", c.Comparator, Text(c))})";
    }

    private static string Attribute(Conditions where, Comparison c)
    {
        var column = Column(c.Key);
        if (column is "created" or "modified")
        {
            c.RequireComparator("=", "!=", "<", "<=", ">", ">=");
            return $"m.{column} / 1000 {Sign(c)} {where.Parameter(c.NumberOf(c.Key))}";
        }

        c.RequireComparator("=", "!=", "LIKE", "ILIKE", "IN", "NOT IN");
        return where.Text($"COALESCE(m.{column}, '')", c.Comparator, c.IsList ? c.TextOf("attribute") : Text(c));
    }

    private static void Order(LoggedModelQuery query, LoggedModelOrder order)
    {
        var descending = order.Ascending == false;
        if (order.FieldName.StartsWith("metrics.", StringComparison.Ordinal))
        {
            query.OrderByMetric(
                FieldNames.Split(order.FieldName).Key,
                order.DatasetName is { Length: > 0 } dataset ? dataset : null,
                order.DatasetDigest is { Length: > 0 } digest ? digest : null,
                descending
            );
        }
        else
        {
            query.OrderBy(Column(order.FieldName), descending);
        }
    }

    private static string Column(string key) =>
        key switch
        {
            "name" or "model_type" or "status" => key,
            "model_id" => "id",
            "source_run_id" => "run",
            "creation_time" or "creation_timestamp" => "created",
            "last_updated_time" or "last_updated_timestamp" => "modified",
            _ => throw MlflowException.Invalid(
                $"Invalid attribute key '{key}' specified. Valid keys are '{{'name', 'model_id', 'model_type', 'status', 'source_run_id', 'creation_timestamp', 'last_updated_timestamp'}}'"
            ),
        };

    private static object Text(Comparison c) =>
        c.Comparator.EndsWith("IN", StringComparison.Ordinal) == c.IsList
            ? c.TextOf("attribute")
            : throw MlflowException.Invalid($"{c.Comparator} takes another kind of value.");

    private static string Sign(Comparison c) => c.Comparator == "!=" ? "<>" : c.Comparator;
}
