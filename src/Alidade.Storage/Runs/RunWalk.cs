using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>
/// A stretch of an order, read from its own table along an index: where runs with a value end, those without one begin.
/// </summary>
/// <param name="From">Tables, <c>run r</c> among them.</param>
/// <param name="Condition">What makes a run belong to this stretch.</param>
/// <param name="Run">The id of the run in the table that is read along the index.</param>
internal sealed record RunStretch(string From, string Condition, Keyset Order, string Run = "r.id");

/// <summary>The order of a search over runs, in stretches or as a whole.</summary>
internal sealed class RunWalk(Conditions where, IReadOnlyList<RunOrder> order)
{
    /// <summary>To be read one after the other: each finds its runs along an index.</summary>
    public IReadOnlyList<RunStretch> Stretches()
    {
        if (order is [{ Field: RunField.Attribute, Key: "start_time", Descending: false }, ..])
        {
            var begun = new RunStretch("run r", "r.started IS NOT NULL", new Keyset().By("COALESCE(r.started, 0)"));
            var waiting = new RunStretch("run r", "r.started IS NULL", new Keyset());
            return [Rest(begun, order.Skip(1)), Rest(waiting, order.Skip(1))];
        }

        if (order.Count == 0 || order[0].Field is not (RunField.Metric or RunField.Parameter or RunField.Result))
        {
            return [Whole()];
        }

        var by = order[0];
        var name = where.Parameter(by.Key);
        var table = Table(by.Field);
        var from = $"{table} o CROSS JOIN run r";
        var joined = $"o.name = {name} AND o.run = r.id";
        var without = new RunStretch("run r", $"NOT EXISTS (SELECT 1 FROM {table} o WHERE {joined})", new Keyset());
        List<RunStretch> stretches = [];
        if (by.Field == RunField.Metric)
        {
            var real = new Keyset().By("o.last", by.Descending);
            stretches.Add(new RunStretch(from, $"{joined} AND o.last < {RunConditions.NaN}", real, "o.run"));
            stretches.Add(new RunStretch(from, $"{joined} AND o.last = {RunConditions.NaN}", new Keyset(), "o.run"));
        }
        else if (by.ByNumber)
        {
            var numbers = new Keyset().By("o.number", by.Descending);
            var texts = new Keyset().By("substr(o.value, 1, 100)", by.Descending).By("o.value", by.Descending);
            stretches.Add(new RunStretch(from, $"{joined} AND o.number IS NOT NULL", numbers, "o.run"));
            stretches.Add(new RunStretch(from, $"{joined} AND o.number IS NULL", texts, "o.run"));
        }
        else
        {
            var texts = new Keyset().By("substr(o.value, 1, 100)", by.Descending).By("o.value", by.Descending);
            stretches.Add(new RunStretch(from, joined, texts, "o.run"));
        }

        stretches.Add(without);
        return [.. stretches.Select(s => Rest(s, order.Skip(1)))];
    }

    /// <summary>The order of whichever runs are at hand.</summary>
    public RunStretch Whole() => Rest(new RunStretch("run r", "1 = 1", new Keyset()), order);

    private RunStretch Rest(RunStretch stretch, IEnumerable<RunOrder> rest)
    {
        var (from, keys) = (stretch.From, stretch.Order);
        var joins = 0;
        foreach (var by in rest)
        {
            if (by.Field == RunField.Attribute)
            {
                Attribute(keys, by);
                continue;
            }

            var alias = $"o{++joins}";
            from +=
                $" LEFT JOIN {Table(by.Field)} {alias} ON {alias}.run = r.id AND {alias}.name = {where.Parameter(by.Key)}";
            Value(keys, by, alias);
        }

        if (!order.Any(o => o is { Field: RunField.Attribute, Key: "start_time" or "created" }))
        {
            keys.By("COALESCE(r.started, 0)", descending: true);
        }

        keys.By(where.ByCodePoint("r.id"));
        return stretch with { From = from };
    }

    private void Attribute(Keyset keys, RunOrder by)
    {
        var column = RunColumns.Sql(by.Key);
        switch (by.Key)
        {
            case "start_time" when by.Descending:
                // As the index has it; a run that has not begun comes last.
                keys.By("COALESCE(r.started, 0)", descending: true);
                break;
            case "created":
                keys.By("r.created", by.Descending);
                break;
            default:
                keys.By($"CASE WHEN {column} IS NULL THEN 1 ELSE 0 END");
                keys.By(
                    RunColumns.IsNumber(by.Key)
                        ? $"COALESCE({column}, 0)"
                        : where.ByCodePoint($"COALESCE({column}, '')"),
                    by.Descending
                );
                break;
        }
    }

    private void Value(Keyset keys, RunOrder by, string alias)
    {
        var column = by.Field switch
        {
            RunField.Metric => $"{alias}.last",
            RunField.Least => $"{alias}.min",
            RunField.Greatest => $"{alias}.max",
            _ => null,
        };
        if (column is not null)
        {
            keys.By($"CASE WHEN {column} IS NULL THEN 2 WHEN {column} = {RunConditions.NaN} THEN 1 ELSE 0 END");
            keys.By($"COALESCE({column}, 0)", by.Descending);
            return;
        }

        if (by.ByNumber)
        {
            keys.By($"CASE WHEN {alias}.value IS NULL THEN 2 WHEN {alias}.number IS NULL THEN 1 ELSE 0 END");
            keys.By($"COALESCE({alias}.number, 0)", by.Descending);
        }
        else
        {
            keys.By($"CASE WHEN {alias}.value IS NULL THEN 1 ELSE 0 END");
        }

        keys.By(where.ByCodePoint($"COALESCE({alias}.value, '')"), by.Descending);
    }

    private static string Table(RunField field) =>
        field switch
        {
            RunField.Parameter => "run_parameter",
            RunField.Result => "run_result",
            RunField.Tag => "run_tag",
            RunField.Dataset or RunField.Attribute => throw new ArgumentOutOfRangeException(nameof(field)),
            _ => "series",
        };
}
