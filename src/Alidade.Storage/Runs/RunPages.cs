using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>Reads pages of runs in their order.</summary>
/// <param name="parts">Conditions that exclude one another; runs that are read along an index of runs are read for each, then merged.</param>
internal sealed class RunPages(ISession read, Conditions where, RunKnown known, string all, IReadOnlyList<string> parts)
{
    /// <summary>
    /// Values are read in slices of at most so many rows, since a database may read and sort all runs of one value for a
    /// page. Where one value has more runs than that, these are so dense that they are walked past in their own order.
    /// </summary>
    private const int Slice = 10_000;

    /// <summary>The first slice, which mostly has the page: that there is more behind it costs less to see.</summary>
    private const int FirstSlice = 2_000;

    /// <summary>Runs along the stretches of an order.</summary>
    /// <param name="after">The last run of the page before; null for the first page.</param>
    public IReadOnlyList<string> Along(RunWalk walk, string? after, int limit) => Along(walk, [], after, limit);

    /// <summary>The few runs that are known, sorted.</summary>
    public IReadOnlyList<string> Few(RunWalk walk, string? after, int limit) => Read(AtHand(walk), [all], after, limit);

    /// <summary>Runs beyond a place where none is, sorted.</summary>
    /// <param name="keys">What the order compares.</param>
    public IReadOnlyList<string> Beyond(RunWalk walk, IReadOnlyList<object> keys, int limit) =>
        ReadBeyond(AtHand(walk), [all], Keyset.At(where, keys), limit);

    private RunStretch AtHand(RunWalk walk)
    {
        var whole = walk.Whole();
        return known.IsFew ? whole with { From = "few f CROSS JOIN " + whole.From, Condition = "r.id = f.id" } : whole;
    }

    /// <param name="held">The values that stand before this order, which all its runs have.</param>
    private List<string> Along(RunWalk walk, IReadOnlyList<HeldValue> held, string? after, int limit)
    {
        var ids = new List<string>();
        foreach (var whole in walk.Stretches())
        {
            if (after is not null && !Has(whole, after))
            {
                continue;
            }

            var stretch = whole with
            {
                Condition = string.Join(" AND ", held.Select(h => h.Lead.Has(h.Value)).Prepend(whole.Condition)),
            };
            ids.AddRange(
                stretch.Lead is { } lead ? Sliced(walk, stretch, lead, held, after, limit - ids.Count)
                : stretch.Run == "r.id" ? Read(stretch, parts, after, limit - ids.Count)
                : Read(stretch, [all], after, limit - ids.Count)
            );
            after = null;
            if (ids.Count >= limit)
            {
                break;
            }
        }

        return ids;
    }

    private List<string> Sliced(
        RunWalk walk,
        RunStretch stretch,
        RunLead lead,
        IReadOnlyList<HeldValue> held,
        string? after,
        int limit
    )
    {
        var ids = new List<string>();
        var value = after is null ? lead.First(read) : lead.Of(read, after);
        var rows = FirstSlice;
        while (value is not null && ids.Count < limit)
        {
            var wanted = limit - ids.Count;
            var end = lead.After(read, value, rows);
            if (value.Equals(end) && rows < Slice)
            {
                rows = Slice;
                continue;
            }

            if (!value.Equals(end))
            {
                ids.AddRange(Read(Bounded(lead.From(value), end is null ? "" : lead.To(end)), [all], after, wanted));
                value = end;
            }
            else
            {
                ids.AddRange(
                    RunLead.IsWhole(value) && walk.Following.IsIndexed
                        ? Along(walk.Following, [.. held, new HeldValue(lead, value)], after, wanted)
                        : Read(Bounded(lead.Is(value), ""), [all], after, wanted)
                );
                value = lead.After(read, value);
            }

            (after, rows) = (null, Slice);
        }

        return ids;

        // Of two conditions on a value SQLite begins and ends with the first.
        RunStretch Bounded(string from, string to) =>
            stretch with
            {
                Condition = $"{from} AND {(to.Length == 0 ? "" : to + " AND ")}{stretch.Condition}",
            };
    }

    /// <summary>Whether the run is of this stretch of the order.</summary>
    private bool Has(RunStretch stretch, string run) =>
        read.First<string>(
            $"SELECT r.id FROM {stretch.From} WHERE r.id = {where.Parameter(run)} AND {stretch.Condition}",
            where.Arguments
        )
            is not null;

    private IReadOnlyList<string> Read(RunStretch stretch, IReadOnlyList<string> of, string? after, int limit) =>
        ReadBeyond(
            stretch,
            of,
            after is null
                ? null
                : $"SELECT {stretch.Order.Place} FROM {stretch.From} WHERE r.id = {where.Parameter(after)} AND {stretch.Condition}",
            limit
        );

    /// <param name="place">SQL that selects the place; null for the beginning.</param>
    private IReadOnlyList<string> ReadBeyond(RunStretch stretch, IReadOnlyList<string> of, string? place, int limit)
    {
        var with = known.With();
        var (last, beyond) = ("", "");
        if (place is not null)
        {
            with += $"{(with.Length == 0 ? "WITH" : ",")} place AS ({place}) ";
            last = "place CROSS JOIN ";
            beyond = $" AND {stretch.Order.After("place")}";
        }

        var condition = known.Condition(stretch.Run);
        var selects = of.Select(part =>
            $"SELECT r.id AS id, {stretch.Order.Place} FROM {last}{stretch.From} "
            + $"WHERE {stretch.Condition} AND {part} AND {condition}{beyond} ORDER BY {stretch.Order.Order} LIMIT {limit}"
        );
        var sql =
            of.Count == 1
                ? $"{with}{selects.Single()}"
                : $"{with}SELECT id FROM ({string.Join(" UNION ALL ", selects.Select(s => $"SELECT * FROM ({s}) y"))}) x "
                    + $"ORDER BY {stretch.Order.Merged} LIMIT {limit}";
        return [.. read.Query<Found>(sql, where.Arguments).Select(f => f.Id)];
    }

    /// <summary>A value that runs have in common.</summary>
    private sealed record HeldValue(RunLead Lead, object Value);

    private sealed record Found
    {
        public string Id { get; init; } = "";
    }
}
