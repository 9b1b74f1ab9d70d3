using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>
/// What indexes tell about a search before any run is read: whether there are few runs to look at, and which of the others
/// are better found together than one by one.
/// </summary>
internal sealed class RunKnown
{
    /// <summary>So many runs are rather looked at than walked past.</summary>
    private const int Few = 2_000;

    /// <summary>PostgreSQL makes a table of so many runs in less time than it needs to look up each run that is walked past.</summary>
    private const int Some = 10_000;

    private readonly ISession _read;
    private readonly Conditions _where;
    private readonly RunConditions _conditions;
    private readonly List<(RunPredicate Predicate, string? Some)> _checks = [];
    private string[]? _few;

    /// <param name="runs">SQL of the ids of all runs that are searched, where it is worth while to know that they are few.</param>
    public RunKnown(ISession read, Conditions where, IReadOnlyList<RunPredicate> predicates, string? runs)
    {
        (_read, _where, _conditions) = (read, where, new RunConditions(where));
        foreach (var predicate in predicates.OrderBy(p => p is RunCondition { Comparator: "=" or "IN" } ? 0 : 1))
        {
            Look(predicate);
        }

        if (_few is null && runs is not null && CountTo(runs, Few + 1) <= Few)
        {
            _few = FewOf(runs);
        }
    }

    /// <summary>Whether the runs to look at are <c>few f</c>, of <see cref="With"/>.</summary>
    public bool IsFew => _few is not null;

    /// <summary>What a statement begins with.</summary>
    public string With() =>
        _few is null ? ""
        : _where.Dialect == Dialect.Postgres
            ? $"WITH few AS MATERIALIZED (SELECT unnest({_where.Parameter(_few)}) AS id) "
        : $"WITH few AS MATERIALIZED (SELECT value AS id FROM json_each({_where.Parameter(_few)})) ";

    /// <summary>What must hold of a run. IS TRUE keeps PostgreSQL from making a join, which would leave the order.</summary>
    public string Condition(string run) =>
        string.Join(
            " AND ",
            _checks
                .Select(c =>
                    c.Some is null ? _conditions.Check(c.Predicate, run) : $"({run} IN ({c.Some} LIMIT {Some})) IS TRUE"
                )
                .Prepend(_where.Sql)
        );

    private void Look(RunPredicate predicate)
    {
        if (_few is not null || _conditions.Ids(predicate) is not { } ids)
        {
            _checks.Add((predicate, null));
            return;
        }

        // Of a compound predicate the index may find more runs than match, so that each must still be checked.
        var isExact = predicate is RunCondition or RunRange;
        // A pattern is not counted, as each count would look at every value again.
        var isCounted = predicate is not RunCondition { Comparator: "LIKE" or "ILIKE" or "!=" };
        // Of several conditions one that is better found together is enough.
        var most = isExact && _read.Dialect == Dialect.Postgres && _checks.Count == 0 ? Some : Few;
        var count = isCounted ? CountTo(ids, most + 1) : 0;
        _few = count <= Few ? FewOf(ids) : null;
        if (_few is null || !isExact)
        {
            _checks.Add((predicate, count > Few && count <= most ? ids : null));
        }
    }

    /// <summary>How many runs an index finds, as far as it matters.</summary>
    private long CountTo(string ids, int most)
    {
        // Row by row, so that it ends where enough are counted: PostgreSQL would rather gather all rows first.
        Allow("off");
        var count = _read.Scalar<long>(
            $"SELECT COUNT(*) FROM (SELECT 1 FROM ({ids}) y LIMIT {most}) x",
            _where.Arguments
        );
        Allow("on");
        return count;

        void Allow(string onOff)
        {
            if (_read.Dialect == Dialect.Postgres)
            {
                _read.Ask<string>(
                    $"SELECT set_config(name, '{onOff}', TRUE) FROM unnest(ARRAY['enable_seqscan', 'enable_bitmapscan']) name"
                );
            }
        }
    }

    /// <summary>Null where they turn out to be many.</summary>
    private string[]? FewOf(string ids)
    {
        var found = _read.Query<string>($"SELECT id FROM ({ids}) y LIMIT {Few + 1}", _where.Arguments);
        return found.Count <= Few ? [.. found.Distinct()] : null;
    }
}
