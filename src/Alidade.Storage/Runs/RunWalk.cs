using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>
/// A stretch of an order, read from its own table along an index: where runs with a value end, those without one begin.
/// </summary>
/// <param name="From">Tables, <c>run r</c> among them.</param>
/// <param name="Condition">What makes a run belong to this stretch.</param>
/// <param name="Run">The id of the run in the table that is read along the index.</param>
/// <param name="Lead">The value along whose index it is read; null where it is read along runs.</param>
internal sealed record RunStretch(
    string From,
    string Condition,
    Keyset Order,
    string Run = "r.id",
    RunLead? Lead = null
);

/// <summary>The order of a search over runs, in stretches or as a whole.</summary>
/// <param name="depth">How many values stand before it, in an order that begins with them.</param>
internal sealed class RunWalk(Conditions where, IReadOnlyList<RunOrder> order, int depth = 0)
{
    /// <summary>Whether indexes have the order. Otherwise the runs are sorted.</summary>
    public bool IsIndexed { get; } =
        order.Count == 0
        || IsByValue(order[0])
        || order[0] is { Field: RunField.Attribute, Key: "created" or "start_time" };

    /// <summary>Whether the order begins with a value of a run.</summary>
    public bool HasLead => order.Count > 0 && IsByValue(order[0]);

    /// <summary>The order of runs that agree in the first key.</summary>
    public RunWalk Following => field ??= new RunWalk(where, [.. order.Skip(1)], depth + 1);

    /// <summary>To be read one after the other: each finds its runs along an index.</summary>
    public IReadOnlyList<RunStretch> Stretches()
    {
        if (order is [{ Field: RunField.Attribute, Key: "start_time", Descending: false }, ..])
        {
            var begun = new RunStretch("run r", "r.started IS NOT NULL", new Keyset().By("COALESCE(r.started, 0)"));
            var waiting = new RunStretch("run r", "r.started IS NULL", new Keyset());
            return [Rest(begun, order.Skip(1)), Rest(waiting, order.Skip(1))];
        }

        return HasLead ? [.. ByValue(order[0]).Select(s => Rest(s, order.Skip(1)))] : [Whole()];
    }

    private static bool IsByValue(RunOrder by) => by.Field is RunField.Metric or RunField.Parameter or RunField.Result;

    private IEnumerable<RunStretch> ByValue(RunOrder by)
    {
        var table = Table(by.Field);
        var named = $"o.name = {where.Parameter(by.Key)}";
        var first = $"substr(o.value, 1, {RunLead.Indexed})";
        if (by.Field == RunField.Metric)
        {
            yield return Led($"{named} AND o.last < {RunConditions.NaN}", "o.last");
            yield return Joined($"{named} AND o.last = {RunConditions.NaN}", new Keyset());
        }
        else if (by.ByNumber)
        {
            yield return Led($"{named} AND o.number IS NOT NULL", "o.number");
            yield return Led($"{named} AND o.number IS NULL", first, "o.value");
        }
        else
        {
            yield return Led(named, first, "o.value");
        }

        var without = $"NOT EXISTS (SELECT 1 FROM {table} o WHERE {named} AND o.run = r.id)";
        yield return new RunStretch("run r", without, new Keyset());

        RunStretch Led(string condition, string value, string? whole = null)
        {
            var keys = new Keyset().By(value, by.Descending);
            var lead = new RunLead(where, table, condition, value, by.Descending, IsText: whole is not null, depth);
            return Joined(condition, whole is null ? keys : keys.By(whole, by.Descending)) with { Lead = lead };
        }

        RunStretch Joined(string condition, Keyset keys) =>
            new($"{table} o CROSS JOIN run r", $"{condition} AND o.run = r.id", keys, "o.run");
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

        keys.By(where.ByCodePoint("r.id"), isText: true);
        return stretch with { From = from };
    }

    private void Attribute(Keyset keys, RunOrder by)
    {
        var column = RunColumns.Sql(by.Key);
        switch (by.Key)
        {
            case "start_time":
                // As the index has it; a run that has not begun comes last.
                if (!by.Descending)
                {
                    keys.By("CASE WHEN r.started IS NULL THEN 1 ELSE 0 END");
                }

                keys.By("COALESCE(r.started, 0)", by.Descending);
                break;
            case "created":
                keys.By("r.created", by.Descending);
                break;
            default:
                keys.By($"CASE WHEN {column} IS NULL THEN 1 ELSE 0 END");
                if (RunColumns.IsNumber(by.Key))
                {
                    keys.By($"COALESCE({column}, 0)", by.Descending);
                }
                else
                {
                    keys.By(where.ByCodePoint($"COALESCE({column}, '')"), by.Descending, isText: true);
                }

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

        // What is a number is kept for parameters and results; a tag is text.
        if (by is { ByNumber: true, Field: not RunField.Tag })
        {
            // Numbers that are written in different ways are one value.
            keys.By($"CASE WHEN {alias}.value IS NULL THEN 2 WHEN {alias}.number IS NULL THEN 1 ELSE 0 END");
            keys.By($"COALESCE({alias}.number, 0)", by.Descending);
            var text = $"CASE WHEN {alias}.number IS NULL THEN COALESCE({alias}.value, '') ELSE '' END";
            keys.By(where.ByCodePoint(text), by.Descending, isText: true);
            return;
        }

        keys.By($"CASE WHEN {alias}.value IS NULL THEN 1 ELSE 0 END");
        keys.By(where.ByCodePoint($"COALESCE({alias}.value, '')"), by.Descending, isText: true);
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
