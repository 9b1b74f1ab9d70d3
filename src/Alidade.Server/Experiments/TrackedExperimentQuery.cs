using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Experiments;

/// <summary>A search over experiments, the unused default experiment among them.</summary>
internal sealed class TrackedExperimentQuery
{
    private readonly ISession _session;
    private readonly Conditions _where;
    private readonly Keyset _order = new();
    private readonly string _from;
    private bool _isOrdered;

    public TrackedExperimentQuery(ISession s, Caller caller, Stage stage)
    {
        _session = s;
        _where = new Conditions(s.Dialect);
        _from =
            $"({TrackedExperiments.Columns} AND r.purged IS NULL UNION ALL SELECT 0, 0, 'Default', 0, 0, NULL, NULL, '{{}}' WHERE @NoDefault = 1) x";
        _where.Arguments["Visible"] = caller.Visible;
        _where.Arguments["NoDefault"] = TrackedExperiments.FindDefault(s, caller) is null ? 1 : 0;
        if (stage != Stage.All)
        {
            _where.Add(stage == Stage.Active ? "x.deleted IS NULL" : "x.deleted IS NOT NULL");
        }
    }

    public void WhereText(string column, string comparator, object value) =>
        _where.Add(_where.Text("x." + column, comparator, value));

    /// <param name="millis">Compared with a time in microseconds as if that were in milliseconds.</param>
    public void WhereMillis(string column, string comparator, double millis)
    {
        var expression = column == "id" ? "x.id" : $"x.{column} / 1000";
        _where.Add($"{expression} {(comparator == "!=" ? "<>" : comparator)} {_where.Parameter(millis)}");
    }

    /// <param name="value">Null for <c>IS NULL</c> and <c>IS NOT NULL</c>.</param>
    public void WhereTag(string name, string comparator, string? value)
    {
        var tag = $"SELECT 1 FROM experiment_tag t WHERE t.experiment = x.id AND t.name = {_where.Parameter(name)}";
        _where.Add(
            comparator == "IS NULL" ? $"NOT EXISTS ({tag})"
            : value is null ? $"EXISTS ({tag})"
            : $"EXISTS ({tag} AND {_where.Text("t.value", comparator, value)})"
        );
    }

    public void OrderBy(string column, bool descending)
    {
        _isOrdered = true;
        var isText = column == "name";
        _order.By(isText ? _where.ByCodePoint("x.name") : "x." + column, descending, isText);
    }

    /// <summary>What was asked for, in its order.</summary>
    public KeyedList List()
    {
        if (!_isOrdered)
        {
            _order.By("x.created", descending: true);
        }

        return new KeyedList(_session, _where, _order.By("x.id", descending: true), _from);
    }
}
