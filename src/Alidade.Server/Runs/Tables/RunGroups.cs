using System.Reflection;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.OpenApi;

namespace Alidade.Server.Runs.Tables;

/// <summary>Runs by what they have in common.</summary>
/// <param name="Metrics">What is aggregated.</param>
/// <param name="Best">By which number a run of each group stands out.</param>
/// <param name="Lowest">The least is the best.</param>
public sealed record GroupRequest(
    string Filter,
    IReadOnlyList<FieldName> By,
    IReadOnlyList<FieldName> Metrics,
    FieldName? Best,
    bool Lowest
) : IEndpointParameterMetadataProvider
{
    public const int MostKeys = 4;
    public const int MostMetrics = 20;

    public static GroupRequest Read(IQueryCollection query)
    {
        var by = TableRequest.Fields(query, "by", MostKeys);
        return new GroupRequest(
            query["filter"].LastOrDefault() ?? "",
            by.Count > 0 ? by : throw new InvalidInputException("by", "Say what to group by, such as params.attack."),
            TableRequest.Fields(query, "metrics", MostMetrics),
            query["best"].LastOrDefault() is { Length: > 0 } best ? TableRequest.Field("best", best) : null,
            query["direction"].LastOrDefault() switch
            {
                null or "" or "max" => false,
                "min" => true,
                _ => throw new InvalidInputException("direction", "Must be max or min."),
            }
        );
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        foreach (var name in (string[])["filter", "by", "metrics", "best", "direction"])
        {
            builder.Metadata.Add(new QueryField(name, JsonSchemaType.String));
        }
    }
}

/// <summary>Groups of runs with count, mean, deviation, extremes and the best of each.</summary>
public sealed class RunGroups(Stores stores)
{
    /// <summary>The newest of so many are grouped.</summary>
    private const int MostRuns = 50_000;
    private const int MostGroups = 1000;
    private const int Rows = 2000;

    public Task<GroupsView> GroupAsync(
        Caller caller,
        long experiment,
        GroupRequest request,
        CancellationToken cancellation
    ) =>
        stores.Core.ReadAsync(
            s =>
            {
                var query = TableQuery.Of(s, caller, experiment, request.Filter, null, descending: false);
                var ids = query.Ids(s, null, MostRuns + 1);
                var groups = new Dictionary<string, Group>(StringComparer.Ordinal);
                List<FieldName> columns = [.. request.By, .. request.Metrics];
                if (request.Best is { } best)
                {
                    columns.Add(best);
                }

                foreach (var piece in ids.Take(MostRuns).Chunk(Rows))
                {
                    cancellation.ThrowIfCancellationRequested();
                    Add(groups, TableValues.Read(s, piece, columns), request);
                }

                return new GroupsView(
                    [.. request.By.Select(f => f.Text)],
                    [
                        .. groups
                            .Values.OrderByDescending(g => g.Count)
                            .ThenBy(g => string.Join('\0', g.Keys), StringComparer.Ordinal)
                            .Take(MostGroups)
                            .Select(g => g.View(request)),
                    ],
                    Math.Min(ids.Count, MostRuns),
                    ids.Count > MostRuns || groups.Count > MostGroups
                );
            },
            cancellation
        );

    private static void Add(Dictionary<string, Group> groups, TableValues values, GroupRequest request)
    {
        foreach (var row in values.Rows)
        {
            string?[] keys = [.. request.By.Select(f => values.Text(row, f))];
            var key = string.Join('\0', keys.Select(k => k is null ? "-" : "+" + k));
            if (!groups.TryGetValue(key, out var group))
            {
                groups[key] = group = new Group(keys, request.Metrics.Count);
            }

            group.Add(row, values, request);
        }
    }

    private sealed class Group(IReadOnlyList<string?> keys, int metrics)
    {
        private readonly Aggregate[] _metrics = [.. Enumerable.Range(0, metrics).Select(_ => new Aggregate())];
        private BestView? _best;

        public IReadOnlyList<string?> Keys => keys;

        public long Count { get; private set; }

        public void Add(RunHead row, TableValues values, GroupRequest request)
        {
            Count++;
            for (var i = 0; i < _metrics.Length; i++)
            {
                if (values.Number(row, request.Metrics[i]) is { } number)
                {
                    _metrics[i].Add(number);
                }
            }

            if (
                request.Best is { } by
                && values.Number(row, by) is { } value
                && (_best is null || (request.Lowest ? value < _best.Value : value > _best.Value))
            )
            {
                _best = new BestView(row.Id, row.Job, row.Title, value);
            }
        }

        public RunGroupView View(GroupRequest request) =>
            new(
                keys,
                Count,
                request
                    .Metrics.Zip(_metrics)
                    .Where(m => m.Second.Count > 0)
                    .ToDictionary(m => m.First.Text, m => m.Second.View),
                _best
            );
    }

    /// <summary>Mean and deviation in one pass, as Welford does it.</summary>
    private sealed class Aggregate
    {
        private double _mean;
        private double _squares;
        private double _min = double.PositiveInfinity;
        private double _max = double.NegativeInfinity;

        public long Count { get; private set; }

        public void Add(double value)
        {
            Count++;
            var away = value - _mean;
            _mean += away / Count;
            _squares += away * (value - _mean);
            _min = Math.Min(_min, value);
            _max = Math.Max(_max, value);
        }

        public AggregateView View
        {
            get
            {
                var deviation = Count > 1 ? Math.Sqrt(_squares / (Count - 1)) : double.NaN;
                return new AggregateView(Count, _mean, double.IsFinite(deviation) ? deviation : null, _min, _max);
            }
        }
    }
}
