using Alidade.Engine.Search.Filters;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.MLflow.Search;
using Alidade.Server.Models;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.MLflow.Registry;

/// <summary>Searches over the registry.</summary>
public sealed class RegistrySearch(Stores stores)
{
    public Task<IResult> ModelsAsync(Caller caller, SearchRegistry request, CancellationToken cancellation)
    {
        var limit = MaxResults.Of(request.MaxResults, usual: 100, most: 1000);
        var after = PageToken.ReadNumbered(request.PageToken);
        return stores.Core.ReadAsync(
            s =>
            {
                var query = RegistryQuery.OfModels(s, caller);
                foreach (var c in Filter.Parse(request.Filter))
                {
                    if (IsTag(c))
                    {
                        Tag(query, c);
                    }
                    else
                    {
                        RequireKey(c, "name");
                        Text(query, "name", c);
                    }
                }

                foreach (var by in OrderClause.ParseAll(request.OrderBy))
                {
                    query.OrderBy(ModelColumn(by.Key), by.Descending, isText: by.Key == "name");
                }

                query.OrderBy("name", descending: false, isText: true);
                var list = query.List();
                var rows = list.Page<RegisteredModel>(after, limit + 1);
                return MlflowJson.Answer(
                    new ModelsAnswer(
                        Registry.Models(s, [.. rows.Take(limit)]),
                        rows.Count > limit ? PageToken.Of(list.PlaceOf(rows[limit - 1].Id)) : null
                    )
                );
            },
            cancellation
        );
    }

    public Task<IResult> VersionsAsync(Caller caller, SearchRegistry request, CancellationToken cancellation)
    {
        var limit = MaxResults.Of(request.MaxResults, usual: 10_000, most: 200_000);
        var after = PageToken.ReadNumbered(request.PageToken);
        return stores.Core.ReadAsync(
            s =>
            {
                var query = RegistryQuery.OfVersions(s, caller);
                foreach (var c in Filter.Parse(request.Filter))
                {
                    Version(query, c);
                }

                foreach (var by in OrderClause.ParseAll(request.OrderBy))
                {
                    query.OrderBy(VersionColumn(by.Key), by.Descending, isText: by.Key == "name");
                }

                if (request.OrderBy.Count == 0)
                {
                    query.OrderBy("modified", descending: true);
                }

                query.OrderBy("model_name", descending: false, isText: true);
                query.OrderBy("number", descending: true);
                var list = query.List();
                var rows = list.Page<RegisteredVersion>(after, limit + 1);
                return MlflowJson.Answer(
                    new VersionsAnswer(
                        Registry.Versions(s, [.. rows.Take(limit)]),
                        rows.Count > limit ? PageToken.Of(list.PlaceOf(rows[limit - 1].Id)) : null
                    )
                );
            },
            cancellation
        );
    }

    private static void Version(RegistryQuery query, Comparison c)
    {
        if (IsTag(c))
        {
            Tag(query, c);
            return;
        }

        RequireKey(c, "name", "version_number", "run_id", "source_path");
        if (c.Key == "version_number")
        {
            c.RequireComparator("=", "!=", "<", "<=", ">", ">=");
            query.Where.Add(
                $"x.number {(c.Comparator == "!=" ? "<>" : c.Comparator)} {query.Where.Parameter(c.NumberOf(c.Key))}"
            );
        }
        else
        {
            Text(
                query,
                c.Key switch
                {
                    "name" => "model_name",
                    "run_id" => "run",
                    _ => "source",
                },
                c
            );
        }
    }

    private static void Text(RegistryQuery query, string column, Comparison c)
    {
        c.RequireComparator("=", "!=", "LIKE", "ILIKE", "IN");
        if (c.IsList != (c.Comparator == "IN"))
        {
            throw MlflowException.Invalid($"{c.Comparator} takes another kind of value for {c.Key}.");
        }

        query.Where.Add(query.Where.Text($"COALESCE(x.{column}, '')", c.Comparator, c.TextOf("attribute")));
    }

    private static void Tag(RegistryQuery query, Comparison c)
    {
        c.RequireComparator("=", "!=", "LIKE", "ILIKE");
        if (c.IsList)
        {
            throw MlflowException.Invalid($"{c.Comparator} takes no list.");
        }

        // Clients add this one to every search, and mean models that never heard of prompts too.
        query.WhereTag(c.Key, c.Comparator, (string)c.TextOf("tag"), absentMatches: c.Key == Prompts.Tag);
    }

    private static bool IsTag(Comparison c) => c.Entity is "tag" or "tags";

    private static void RequireKey(Comparison c, params string[] keys)
    {
        if (c.Entity is not (null or "attribute" or "attributes") || !keys.Contains(c.Key))
        {
            throw MlflowException.Invalid(
                $"Invalid attribute key '{c.Key}' specified. Valid keys are '{{{string.Join(", ", keys.Select(PythonText.Repr))}}}'"
            );
        }
    }

    private static string ModelColumn(string key) =>
        key switch
        {
            "name" => "name",
            "creation_timestamp" or "timestamp" => "created",
            "last_updated_timestamp" => "modified",
            _ => throw NotOrdered(key),
        };

    private static string VersionColumn(string key) =>
        key switch
        {
            "name" => "model_name",
            "version_number" => "number",
            "creation_timestamp" => "created",
            "last_updated_timestamp" => "modified",
            _ => throw NotOrdered(key),
        };

    private static MlflowException NotOrdered(string key) =>
        MlflowException.Invalid(
            $"Invalid order by key '{key}' specified. Valid keys are name, version_number, creation_timestamp and last_updated_timestamp."
        );
}
