using System.Text.RegularExpressions;
using Alidade.Engine.Search.Filters;
using Alidade.Server.MLflow.Experiments;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.MLflow.Search;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.MLflow.Traces;

/// <summary>Searches over traces: newest first, or oldest first where that is asked; filters are tried on each.</summary>
public sealed class TraceSearch(Stores stores)
{
    private const int UsualPage = 100;
    private const int LargestPage = 500;
    private const int Rows = 1000;

    /// <summary>So many traces are looked through for one page.</summary>
    private const int MostLookedAt = 100_000;

    public Task<IResult> OldAsync(Caller caller, SearchOldTraces request, CancellationToken cancellation) =>
        SearchAsync(
            caller,
            request.ExperimentIds,
            (request.Filter, request.MaxResults, request.OrderBy, request.PageToken),
            TraceInfo.Old,
            cancellation
        );

    public Task<IResult> NewAsync(Caller caller, SearchTraces request, CancellationToken cancellation) =>
        SearchAsync(
            caller,
            [.. request.Locations.Select(l => l.MlflowExperiment?.ExperimentId).OfType<string>()],
            (request.Filter, request.MaxResults, request.OrderBy, request.PageToken),
            TraceInfo.New,
            cancellation
        );

    private Task<IResult> SearchAsync(
        Caller caller,
        IReadOnlyList<string> experiments,
        (string? Filter, long? MaxResults, IReadOnlyList<string> OrderBy, string? PageToken) request,
        Func<TraceRow, string, object> view,
        CancellationToken cancellation
    )
    {
        var limit = MaxResults.Of(request.MaxResults, UsualPage, LargestPage);
        Func<TraceRow, bool>[] conditions = [.. Filter.Parse(request.Filter).Select(Condition)];
        var oldestFirst = IsOldestFirst(OrderClause.ParseAll(request.OrderBy));
        var after = TracePlace.Read(request.PageToken);
        return stores.Core.ReadAsync(
            s =>
            {
                var ids = experiments
                    .Select(id => ExperimentIds.Find(s, caller, id))
                    .OfType<Server.Experiments.TrackedExperiment>()
                    .Select(e => e.Id)
                    .ToArray();
                var found = All(s, ids).Where(t => conditions.All(holds => holds(t)));
                // Oldest first is for few traces, as tests and pages of one script have them.
                var ordered = oldestFirst ? found.Reverse() : found;
                var rows = ordered.SkipWhile(t => after?.IsReached(t, oldestFirst) == false).Take(limit + 1).ToList();
                return MlflowJson.Answer(
                    new
                    {
                        traces = rows.Take(limit).Select(t => view(t, TraceFace.ExperimentOf(s, caller, t))).ToList(),
                        next_page_token = rows.Count > limit ? TracePlace.TokenOf(rows[limit - 1]) : null,
                    }
                );
            },
            cancellation
        );
    }

    /// <summary>Read in pieces, as far as they are asked for.</summary>
    private static IEnumerable<TraceRow> All(ISession s, long[] experiments)
    {
        TraceRow? last = null;
        for (var seen = 0; seen < MostLookedAt; seen += Rows)
        {
            var rows = Storage.Runs.Traces.Newest(s, experiments, last, Rows);
            foreach (var row in rows)
            {
                yield return row;
            }

            if (rows.Count < Rows)
            {
                yield break;
            }

            last = rows[^1];
        }
    }

    private static bool IsOldestFirst(IReadOnlyList<OrderClause> order) =>
        order.Count > 0
        && (
            order[0].Key is "timestamp" or "timestamp_ms" or "request_time"
                ? !order[0].Descending
                : throw MlflowException.Invalid("Traces are ordered by timestamp.")
        );

    private static Func<TraceRow, bool> Condition(Comparison c)
    {
        switch (c.Entity)
        {
            case "tag" or "tags":
                return Text(c, t => TraceInfo.Of(t).Tags.GetValueOrDefault(c.Key));
            case "metadata" or "request_metadata" or "trace_metadata":
                return Text(c, t => TraceInfo.Of(t).Metadata.GetValueOrDefault(c.Key));
            case null or "attribute" or "attributes" or "attr" or "trace":
                return c.Key switch
                {
                    "status" or "state" => Text(c, t => t.State),
                    "request_id" or "trace_id" or "id" => Text(c, t => t.Id),
                    "name" => Text(c, t => TraceInfo.Of(t).Tags.GetValueOrDefault("mlflow.traceName")),
                    "client_request_id" => Text(c, t => TraceInfo.Of(t).ClientId),
                    "run_id" => Text(c, t => TraceInfo.Of(t).Metadata.GetValueOrDefault("mlflow.sourceRun")),
                    "timestamp" or "timestamp_ms" or "request_time" => Number(c, t => t.At / 1000),
                    "end_time" or "end_time_ms" => Number(c, t => t.At / 1000 + TraceInfo.Of(t).Duration),
                    "execution_time" or "execution_time_ms" or "execution_duration" => Number(
                        c,
                        t => TraceInfo.Of(t).Duration
                    ),
                    _ => throw MlflowException.Invalid($"Invalid attribute key '{c.Key}' specified for traces."),
                };
            default:
                throw MlflowException.Invalid(
                    $"Invalid entity type '{c.Entity}'. Valid values are ['tag', 'request_metadata', 'attribute']"
                );
        }
    }

    private static Func<TraceRow, bool> Number(Comparison c, Func<TraceRow, long?> value)
    {
        c.RequireComparator("=", "!=", "<", "<=", ">", ">=");
        var wanted = c.NumberOf(c.Key);
        return t =>
            value(t) is { } is_
            && c.Comparator switch
            {
                "=" => is_ == wanted,
                "!=" => is_ != wanted,
                "<" => is_ < wanted,
                "<=" => is_ <= wanted,
                ">" => is_ > wanted,
                _ => is_ >= wanted,
            };
    }

    private static Func<TraceRow, bool> Text(Comparison c, Func<TraceRow, string?> value)
    {
        c.RequireComparator("=", "!=", "LIKE", "ILIKE", "IN", "NOT IN", "IS NULL", "IS NOT NULL");
        if (c.Comparator.EndsWith("NULL", StringComparison.Ordinal))
        {
            return t => value(t) is null == (c.Comparator == "IS NULL");
        }

        var wanted = c.TextOf(c.Key);
        return (c.Comparator, wanted) switch
        {
            ("IN", string[] list) => t => list.Contains(value(t)),
            ("NOT IN", string[] list) => t => value(t) is { } v && !list.Contains(v),
            ("=", string text) => t => value(t) == text,
            ("!=", string text) => t => value(t) is { } v && v != text,
            ("LIKE", string text) => Like(text, RegexOptions.None),
            ("ILIKE", string text) => Like(text, RegexOptions.IgnoreCase),
            _ => throw MlflowException.Invalid($"{c.Comparator} takes another kind of value for {c.Key}."),
        };

        Func<TraceRow, bool> Like(string pattern, RegexOptions options)
        {
            var regex = new Regex(
                "\\A"
                    + Regex
                        .Escape(pattern)
                        .Replace("%", ".*", StringComparison.Ordinal)
                        .Replace("_", ".", StringComparison.Ordinal)
                    + "\\z",
                options | RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant
            );
            return t => value(t) is { } v && regex.IsMatch(v);
        }
    }
}
