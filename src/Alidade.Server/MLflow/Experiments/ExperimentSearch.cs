using Alidade.Engine.Search.Filters;
using Alidade.Server.Experiments;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.MLflow.Runs;
using Alidade.Server.MLflow.Search;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.MLflow.Experiments;

public sealed record SearchExperiments(
    long? MaxResults,
    string? PageToken,
    string? Filter,
    IReadOnlyList<string> OrderBy,
    ViewType? ViewType
);

public sealed record SearchExperimentsAnswer(IReadOnlyList<ExperimentAnswer> Experiments, string? NextPageToken);

/// <summary>Searches over experiments.</summary>
public sealed class ExperimentSearch(Stores stores)
{
    private const int UsualPage = 1000;
    private const int LargestPage = 50_000;

    public Task<IResult> SearchAsync(Caller caller, SearchExperiments request, CancellationToken cancellation)
    {
        var limit = MaxResults.Of(request.MaxResults, UsualPage, LargestPage);
        var filter = Filter.Parse(request.Filter);
        var order = OrderClause.ParseAll(request.OrderBy);
        var after = PageToken.ReadNumbered(request.PageToken);
        return stores.Core.ReadAsync(
            s =>
            {
                var query = new TrackedExperimentQuery(s, caller, SearchFace.StageOf(request.ViewType));
                foreach (var comparison in filter)
                {
                    Add(query, comparison);
                }

                foreach (var by in order)
                {
                    query.OrderBy(ColumnOf(by.Entity, by.Key), by.Descending);
                }

                var list = query.List();
                var rows = list.Page<TrackedExperiment>(after, limit + 1);
                var page = rows.Take(limit).ToList();
                var tags = TrackedExperiments.Tags(s, page.Select(e => e.Id));
                return MlflowJson.Answer(
                    new SearchExperimentsAnswer(
                        [.. page.Select(e => ExperimentFace.View(e, tags[e.Id]))],
                        rows.Count > limit ? PageToken.Of(list.PlaceOf(page[^1].Id)) : null
                    )
                );
            },
            cancellation
        );
    }

    private static void Add(TrackedExperimentQuery query, Comparison c)
    {
        if (c.Entity is "tag" or "tags")
        {
            c.RequireComparator("=", "!=", "LIKE", "ILIKE", "IS NULL", "IS NOT NULL");
            query.WhereTag(c.Key, c.Comparator, c.Value.Count == 0 ? null : (string)Single(c).TextOf("tag"));
        }
        else if (ColumnOf(c.Entity, c.Key) is "name")
        {
            c.RequireComparator("=", "!=", "LIKE", "ILIKE", "IN", "NOT IN");
            query.WhereText(
                "name",
                c.Comparator,
                c.Comparator.EndsWith("IN", StringComparison.Ordinal)
                    ? c.TextOf("attribute")
                    : Single(c).TextOf("attribute")
            );
        }
        else
        {
            c.RequireComparator("=", "!=", "<", "<=", ">", ">=");
            query.WhereMillis(ColumnOf(c.Entity, c.Key), c.Comparator, c.NumberOf(c.Key));
        }
    }

    private static Comparison Single(Comparison c) =>
        c.IsList
            ? throw MlflowException.Invalid(
                $"Expected a quoted string value for attribute (e.g. 'my-value'). Got a list with {c.Comparator}."
            )
            : c;

    private static string ColumnOf(string? entity, string key) =>
        entity is not (null or "attribute" or "attributes" or "attr")
            ? throw MlflowException.Invalid(
                $"Invalid entity type '{entity}'. Valid entity types are {{'attribute', 'tag'}}"
            )
            : key switch
            {
                "name" => "name",
                "experiment_id" => "id",
                "creation_time" => "created",
                "last_update_time" => "modified",
                _ => throw MlflowException.Invalid(
                    $"Invalid attribute key '{key}' specified. Valid keys are '{{'name', 'creation_time', 'last_update_time', 'experiment_id'}}'"
                ),
            };
}
