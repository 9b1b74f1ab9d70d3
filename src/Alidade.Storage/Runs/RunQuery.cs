using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>
/// A search over runs. Where an index finds few enough runs for one of the conditions, these are looked at; otherwise runs
/// are taken along an index of the order until the page is full. Either way a page costs about the same in a hundred
/// thousand runs as in a million.
/// </summary>
public sealed class RunQuery
{
    /// <summary>Orders are walked along in each of so many experiments; more are sorted together.</summary>
    private const int MostExperiments = 32;

    private readonly IReadOnlyList<long>? _experiments;
    private readonly IReadOnlyList<RunPredicate> _predicates;
    private readonly Conditions _where;
    private readonly RunWalk _walk;
    private readonly Keyset _order;

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
        _predicates = RunRange.Merge(conditions.SelectMany(c => c is RunAll all ? all.Parts : [c]));
        _where = new Conditions(dialect);
        _where.Add($"r.group_id = ANY({_where.Parameter(groups.ToArray())})");
        if (stage != Stage.All)
        {
            // A deleted job takes its runs along. Not EXISTS: PostgreSQL might make a table of all jobs.
            const string Alive =
                "r.deleted IS NULL AND (r.job IS NULL OR COALESCE((SELECT a.deleted IS NULL FROM job a WHERE a.id = r.job), FALSE))";
            _where.Add(stage == Stage.Active ? Alive : $"NOT ({Alive})");
        }

        _walk = new RunWalk(_where, order);
        _order = _walk.Whole().Order;
        _order.About = string.Join('\n', order);
    }

    /// <summary>What to call a page by that begins after this run as it stands now.</summary>
    public string PlaceOf(ISession read, string run) => new KeyPlace(run, KeysOf(read, run)).Text(_order);

    /// <param name="after">
    /// <see cref="PlaceOf"/> of the last run of the page before, or its id alone; null for the first page.
    /// </param>
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
        var all = OfExperiments(_experiments);
        var known = new RunKnown(
            read,
            _where,
            _predicates,
            // Along a value a small experiment might be looked for among all others.
            _experiments is not null
            && _walk.HasLead
                ? $"SELECT r.id FROM run r WHERE {all}"
                : null
        );
        IReadOnlyList<string> parts =
            _experiments?.Count <= MostExperiments && _walk.IsIndexed
                ? [.. _experiments.Distinct().Select(e => $"r.experiment = {_where.Parameter(e)}")]
                : [all];
        var pages = new RunPages(read, _where, known, all, parts);
        var place = after is null ? null : KeyPlace.Read(after, _order);
        if (place?.Values(_order) is { } keys && (known.IsFew || place.Keys != KeysOf(read, place.Row)))
        {
            // Of few the run may be one no more; and where it has moved or is gone, no index leads to where it was.
            return pages.Beyond(_walk, keys, limit);
        }

        return known.IsFew ? pages.Few(_walk, place?.Row, limit) : pages.Along(_walk, place?.Row, limit);
    }

    /// <summary>JSON list of what this run is ordered by; null when there is no such run.</summary>
    private string? KeysOf(ISession read, string run)
    {
        var whole = _walk.Whole();
        return read.First<string>(
            $"SELECT {whole.Order.Json(read.Dialect)} FROM {whole.From} WHERE r.id = {_where.Parameter(run)}",
            _where.Arguments
        );
    }

    /// <summary>How many runs there are, counted to <paramref name="most"/> at most.</summary>
    public long Count(ISession read, int most)
    {
        PlanByValue(read);
        var known = new RunKnown(read, _where, _predicates, runs: null);
        var from = known.IsFew ? "few f CROSS JOIN run r WHERE r.id = f.id AND" : "run r WHERE";
        return read.Scalar<long>(
            $"{known.With()}SELECT COUNT(*) FROM (SELECT 1 FROM {from} {OfExperiments(_experiments)} AND {known.Condition("r.id")} LIMIT {most}) x",
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
            read.Ask<string>("SELECT set_config('plan_cache_mode', 'force_custom_plan', TRUE)");
        }
    }

    private string OfExperiments(IReadOnlyList<long>? experiments) =>
        experiments is null ? "r.own = 0"
        : experiments.Count == 1 ? $"r.experiment = {_where.Parameter(experiments[0])}"
        : $"r.experiment = ANY({_where.Parameter(experiments.ToArray())})";
}
