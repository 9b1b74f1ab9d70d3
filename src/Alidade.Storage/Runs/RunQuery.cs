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

    /// <summary>PostgreSQL makes a table of so many runs in less time than it needs to look up each run that is walked past.</summary>
    private const int Some = 10_000;

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
            // A deleted job takes its runs along. Not EXISTS: PostgreSQL might make a table of all jobs.
            const string Alive =
                "r.deleted IS NULL AND (r.job IS NULL OR COALESCE((SELECT a.deleted IS NULL FROM job a WHERE a.id = r.job), FALSE))";
            _where.Add(stage == Stage.Active ? Alive : $"NOT ({Alive})");
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

        PlanByValue(read);
        var known = Look(read);
        if (known.Few is { } few)
        {
            var all = _walk.Whole();
            var among = all with { From = "few f CROSS JOIN " + all.From, Condition = "r.id = f.id" };
            return Read(read, among, [OfExperiments(_experiments)], known, after, limit);
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

            ids.AddRange(Read(read, stretch, parts, known, after, limit - ids.Count));
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
        PlanByValue(read);
        var known = Look(read);
        var from = known.Few is null ? "run r WHERE" : "few f CROSS JOIN run r WHERE r.id = f.id AND";
        return read.Scalar<long>(
            $"{With(known.Few)}SELECT COUNT(*) FROM (SELECT 1 FROM {from} {OfExperiments(_experiments)} AND {Where(known, "r.id")} LIMIT {most}) x",
            _where.Arguments
        );
    }

    /// <summary>
    /// The best plan depends on how many runs have the value that is asked for. After some calls PostgreSQL would take one plan
    /// for all values, which may be a hundred times as slow.
    /// </summary>
    private static void PlanByValue(ISession read)
    {
        if (read.Dialect == Dialect.Postgres)
        {
            read.Scalar<string>("SELECT set_config('plan_cache_mode', 'force_custom_plan', TRUE)");
        }
    }

    /// <summary>What indexes tell about the conditions before any run is read.</summary>
    /// <param name="Few">All runs for which one condition holds, where they are few.</param>
    /// <param name="Checks">The conditions, or a SELECT of the ids of the runs for which they hold.</param>
    private sealed record Known(
        string[]? Few,
        IReadOnlyList<(IReadOnlyList<RunPredicate> Conditions, string? Some)> Checks
    );

    private Known Look(ISession read)
    {
        var checks = new List<(IReadOnlyList<RunPredicate>, string?)>();
        string[]? few = null;
        var together = _predicates
            .GroupBy(p => p is RunCondition c ? (c.Field, c.Key) : (object)p)
            .OrderBy(g => g.First() is RunCondition { Comparator: "=" or "IN" } ? 0 : 1);
        foreach (IReadOnlyList<RunPredicate> conditions in together.Select(g => g.ToList()))
        {
            string? some = null;
            if (few is null && _conditions.Ids(conditions) is { } ids)
            {
                var count = CountTo(read, conditions, ids);
                few = count <= Few ? FewOf(read, ids) : null;
                some = count is > Few and <= Some && read.Dialect == Dialect.Postgres ? ids : null;
            }

            checks.Add((conditions, some));
        }

        return new Known(few, checks);
    }

    /// <summary>
    /// How many runs an index finds, as far as it matters. A pattern is not counted, as each count would look at every value
    /// again.
    /// </summary>
    private long CountTo(ISession read, IReadOnlyList<RunPredicate> conditions, string ids) =>
        conditions.Any(c => c is RunCondition { Comparator: "LIKE" or "ILIKE" or "!=" })
            ? 0
            : read.Scalar<long>(
                $"SELECT COUNT(*) FROM (SELECT 1 FROM ({ids}) y LIMIT {(read.Dialect == Dialect.Postgres ? Some : Few) + 1}) x",
                _where.Arguments
            );

    /// <summary>Null where they turn out to be many.</summary>
    private string[]? FewOf(ISession read, string ids)
    {
        var found = read.Query<Found>($"SELECT id FROM ({ids}) y LIMIT {Few + 1}", _where.Arguments);
        return found.Count <= Few ? [.. found.Select(f => f.Id).Distinct()] : null;
    }

    /// <summary>What must hold of a run. IS TRUE keeps PostgreSQL from making a join, which would leave the order.</summary>
    private string Where(Known known, string run) =>
        string.Join(
            " AND ",
            known
                .Checks.SelectMany(c =>
                    c.Some is null
                        ? c.Conditions.Select(condition => _conditions.Check(condition, run))
                        : [$"({run} IN ({c.Some} LIMIT {Some})) IS TRUE"]
                )
                .Prepend(_where.Sql)
        );

    private string With(string[]? few) =>
        few is null ? ""
        : _where.Dialect == Dialect.Postgres
            ? $"WITH few AS MATERIALIZED (SELECT unnest({_where.Parameter(few)}) AS id) "
        : $"WITH few AS MATERIALIZED (SELECT value AS id FROM json_each({_where.Parameter(few)})) ";

    /// <summary>Whether the run is of this stretch of the order.</summary>
    private bool Has(ISession read, RunStretch stretch, string run) =>
        read.First<string>(
            $"SELECT r.id FROM {stretch.From} WHERE r.id = {_where.Parameter(run)} AND {stretch.Condition}",
            _where.Arguments
        )
            is not null;

    /// <param name="parts">Conditions that exclude one another; each is read along the order, then they are merged.</param>
    private IReadOnlyList<string> Read(
        ISession read,
        RunStretch stretch,
        string[] parts,
        Known known,
        string? after,
        int limit
    )
    {
        var with = With(known.Few);
        var (last, beyond) = ("", "");
        if (after is not null)
        {
            var id = _where.Parameter(after);
            with +=
                $"{(known.Few is null ? "WITH" : ",")} place AS (SELECT {stretch.Order.Place} FROM {stretch.From} WHERE r.id = {id} AND {stretch.Condition}) ";
            last = "place CROSS JOIN ";
            beyond = $" AND {stretch.Order.After("place")}";
        }

        var where = Where(known, stretch.Run);
        var selects = parts.Select(part =>
            $"SELECT r.id AS id, {stretch.Order.Place} FROM {last}{stretch.From} "
            + $"WHERE {stretch.Condition} AND {part} AND {where}{beyond} ORDER BY {stretch.Order.Order} LIMIT {limit}"
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
