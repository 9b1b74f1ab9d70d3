using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>
/// A search over runs. Where an index finds few enough runs for one of the conditions, these are looked at; otherwise runs
/// are taken along an index of the order until the page is full. Either way a page costs about the same in a hundred
/// thousand runs as in a million.
/// </summary>
public sealed class RunQuery
{
    /// <summary>So many runs are rather looked at than walked past.</summary>
    private const int Few = 2_000;

    /// <summary>Orders are walked along in each of so many experiments; more are sorted together.</summary>
    private const int MostExperiments = 32;

    private readonly IReadOnlyList<long>? _experiments;
    private readonly IReadOnlyList<RunPredicate> _predicates;
    private readonly Conditions _where;
    private readonly RunConditions _conditions;
    private readonly RunWalk _walk;
    private readonly bool _isWalkable;

    /// <param name="experiments">Null for the runs that stand alone of all experiments.</param>
    /// <param name="conditions">All must hold.</param>
    public RunQuery(
        Dialect dialect,
        IReadOnlyList<long>? experiments,
        IReadOnlyList<long> groups,
        Stage stage,
        IEnumerable<RunPredicate> conditions,
        IReadOnlyList<RunOrder> order
    )
    {
        _experiments = experiments;
        _predicates = [.. conditions.SelectMany(c => c is RunAll all ? all.Parts : [c])];
        _where = new Conditions(dialect);
        _conditions = new RunConditions(_where);
        _where.Add($"r.group_id = ANY({_where.Parameter(groups.ToArray())})");
        if (stage != Stage.All)
        {
            // A deleted job takes its runs along.
            const string Alive =
                "r.deleted IS NULL AND (r.job IS NULL OR EXISTS (SELECT 1 FROM job a WHERE a.id = r.job AND a.deleted IS NULL))";
            _where.Add(stage == Stage.Active ? Alive : $"NOT ({Alive})");
        }

        foreach (var predicate in _predicates)
        {
            _where.Add(_conditions.Check(predicate));
        }

        _walk = new RunWalk(_where, order);
        _isWalkable =
            order.Count == 0
            || order[0]
                is { Field: RunField.Metric or RunField.Parameter or RunField.Result }
                    or { Field: RunField.Attribute, Key: "created" or "start_time" };
    }

    /// <param name="after">The id of the last run of the page before; null for the first page.</param>
    public IReadOnlyList<RunRow> Page(ISession read, string? after, int limit) =>
        RunStore.FindMany(read, Ids(read, after, limit));

    /// <summary>As <see cref="Page"/>, without reading the runs.</summary>
    public IReadOnlyList<string> Ids(ISession read, string? after, int limit)
    {
        if (_experiments?.Count == 0)
        {
            return [];
        }

        if (FindFew(read) is { } few)
        {
            var all = _walk.Whole();
            var among = all with { From = "few f CROSS JOIN " + all.From, Condition = "r.id = f.id" };
            return Read(read, among, [OfExperiments(_experiments)], after, limit, few);
        }

        string[] parts =
            _experiments is not null && _isWalkable && _experiments.Count <= MostExperiments
                ? [.. _experiments.Distinct().Select(e => $"r.experiment = {_where.Parameter(e)}")]
                : [OfExperiments(_experiments)];
        var ids = new List<string>();
        foreach (var stretch in _isWalkable ? _walk.Stretches() : [_walk.Whole()])
        {
            if (after is not null && !Has(read, stretch, after))
            {
                continue;
            }

            ids.AddRange(Read(read, stretch, parts, after, limit - ids.Count));
            after = null;
            if (ids.Count >= limit)
            {
                break;
            }
        }

        return ids;
    }

    /// <summary>How many runs there are, counted to <paramref name="most"/> at most.</summary>
    public long Count(ISession read, int most)
    {
        var few = FindFew(read);
        var (with, from) = few is null
            ? ("", "run r WHERE")
            : (With(few), "few f CROSS JOIN run r WHERE r.id = f.id AND");
        return read.Scalar<long>(
            $"{with}SELECT COUNT(*) FROM (SELECT 1 FROM {from} {OfExperiments(_experiments)} AND {_where.Sql} LIMIT {most}) x",
            _where.Arguments
        );
    }

    /// <summary>A SELECT of all that an index finds for one of the conditions, if that is not much.</summary>
    private string? FindFew(ISession read)
    {
        var together = _predicates
            .GroupBy(p => p is RunCondition c ? (c.Field, c.Key) : (object)p)
            .OrderBy(g => g.First() is RunCondition { Comparator: "=" or "IN" } ? 0 : 1);
        foreach (var ids in together.Select(g => _conditions.Ids([.. g])))
        {
            if (
                ids is not null
                && read.Scalar<long>(
                    $"SELECT COUNT(*) FROM (SELECT 1 FROM ({ids}) y LIMIT {Few + 1}) x",
                    _where.Arguments
                ) <= Few
            )
            {
                return ids;
            }
        }

        return null;
    }

    private static string With(string few) => $"WITH few AS MATERIALIZED (SELECT DISTINCT id FROM ({few}) y) ";

    /// <summary>Whether the run is of this stretch of the order.</summary>
    private bool Has(ISession read, RunStretch stretch, string run) =>
        read.First<string>(
            $"SELECT r.id FROM {stretch.From} WHERE r.id = {_where.Parameter(run)} AND {stretch.Condition}",
            _where.Arguments
        )
            is not null;

    /// <param name="parts">Conditions that exclude one another; each is read along the order, then they are merged.</param>
    /// <param name="few">A SELECT of the ids that the stretch begins with.</param>
    private IReadOnlyList<string> Read(
        ISession read,
        RunStretch stretch,
        string[] parts,
        string? after,
        int limit,
        string? few = null
    )
    {
        var with = few is null ? "" : With(few);
        var (last, beyond) = ("", "");
        if (after is not null)
        {
            var id = _where.Parameter(after);
            with +=
                $"{(few is null ? "WITH" : ",")} place AS (SELECT {stretch.Order.Place} FROM {stretch.From} WHERE r.id = {id} AND {stretch.Condition}) ";
            last = "place CROSS JOIN ";
            beyond = $" AND {stretch.Order.After("place")}";
        }

        var selects = parts.Select(part =>
            $"SELECT r.id AS id, {stretch.Order.Place} FROM {last}{stretch.From} "
            + $"WHERE {stretch.Condition} AND {part} AND {_where.Sql}{beyond} ORDER BY {stretch.Order.Order} LIMIT {limit}"
        );
        var sql =
            parts.Length == 1
                ? $"{with}{selects.Single()}"
                : $"{with}SELECT id FROM ({string.Join(" UNION ALL ", selects.Select(s => $"SELECT * FROM ({s}) y"))}) x "
                    + $"ORDER BY {stretch.Order.Merged} LIMIT {limit}";
        return [.. read.Query<Found>(sql, _where.Arguments).Select(f => f.Id)];
    }

    private string OfExperiments(IReadOnlyList<long>? experiments) =>
        experiments is null ? "r.own = 0"
        : experiments.Count == 1 ? $"r.experiment = {_where.Parameter(experiments[0])}"
        : $"r.experiment = ANY({_where.Parameter(experiments.ToArray())})";

    private sealed record Found
    {
        public string Id { get; init; } = "";
    }
}
