using Alidade.Storage.Platform;

namespace Alidade.Storage.Metrics;

/// <summary>How much of a run waits to be compacted.</summary>
public sealed record Backlog
{
    public string Run { get; init; } = "";
    public long Segments { get; init; }
    public long Points { get; init; }

    /// <summary>The newest batch.</summary>
    public long Newest { get; init; }
}

/// <summary>
/// Turns batches into chunks. A step is prepared from a snapshot, where sorting and compressing hold nobody up, and then
/// changes the tables in one short transaction: it takes exactly the rows that it read, or nothing when one of them is
/// gone. Whatever ends the process, either the batches are there or the chunks made of them.
/// </summary>
public static class Compaction
{
    /// <summary>Batches and points of one step; a batch is never divided.</summary>
    private const int MostSegments = 512;

    private const int MostPoints = 1 << 16;

    /// <summary>Overlapping chunks that are merged in one step.</summary>
    private const int MostMerged = 32;

    /// <summary>
    /// A last chunk that is not full takes new points in when it is at most so many times as large as they are. So a chunk
    /// is written a few times while it fills, not once for every few points.
    /// </summary>
    public const int Growth = 4;

    /// <summary>Chunks at the end of a series that are looked at; fewer are not full, but for repeated disorder.</summary>
    private const int MostOpen = 16;

    /// <summary>All runs with batches that wait.</summary>
    public static IReadOnlyList<Backlog> Waiting(ISession read) =>
        read.Query<Backlog>(
            """
            SELECT run, COUNT(*) AS segments, CAST(SUM(count) AS BIGINT) AS points, MAX(id) AS newest
            FROM segment GROUP BY run ORDER BY run
            """
        );

    /// <summary>One step for a run: false when nothing of it waits, or when another server was first.</summary>
    public static async Task<bool> StepAsync(IStore store, string run, CancellationToken cancellation = default)
    {
        var (plan, disordered) = await store.ReadAsync(s => Plan(s, run), cancellation);
        if (plan is null || !await ApplyAsync(store, plan, cancellation))
        {
            return false;
        }

        foreach (var number in disordered)
        {
            while (
                await store.ReadAsync(s => Merge(s, run, number), cancellation) is { } merge
                && await ApplyAsync(store, merge, cancellation)
            )
            {
                // Each step leaves fewer chunks that overlap.
            }
        }

        return true;
    }

    /// <summary>The oldest batches of a run as chunks, and the series whose points did not come in order.</summary>
    private static (CompactionPlan? Plan, IReadOnlyList<int> Disordered) Plan(ISession read, string run)
    {
        var segments = Pending.Oldest(read, run, MostSegments, MostPoints);
        if (segments.Count == 0)
        {
            return (null, []);
        }

        var replaced = new List<long>();
        var made = new List<Chunk>();
        var disordered = new List<int>();
        foreach (var (number, points) in Pending.BySeries(segments, n => ChunkTable.Compacted(read, run, n)))
        {
            var (open, closed) = Tail(ChunkTable.Tail(read, run, number, MostOpen), points.Count);
            points.InsertRange(0, ChunkTable.Points(read, open));
            PointOrder.Sort(points);
            replaced.AddRange(open.Select(h => h.Id));
            made.AddRange(Chunk.Of(run, number, points, fill: true));
            if (closed is not null && points[0].Place.CompareTo(closed.Last) <= 0)
            {
                disordered.Add(number);
            }
        }

        return (new CompactionPlan(run, [.. segments.Select(s => s.Id)], [.. replaced], made), disordered);
    }

    /// <summary>The last chunks that new points join, and the one before them.</summary>
    /// <param name="last">The last one first.</param>
    private static (List<ChunkHead> Open, ChunkHead? Closed) Tail(IReadOnlyList<ChunkHead> last, int points)
    {
        var open = new List<ChunkHead>();
        foreach (var head in last)
        {
            if (head.Count >= Chunk.Most || head.Count > (long)points * Growth || open.Count == MostOpen - 1)
            {
                return (open, head);
            }

            points += head.Count;
            open.Add(head);
        }

        return (open, null);
    }

    /// <summary>Chunks that overlap, as chunks that do not; null when none do.</summary>
    private static CompactionPlan? Merge(ISession read, string run, int number)
    {
        var group = SeriesBlocks.Overlapping(ChunkTable.Heads(read, run, number)).Find(g => g.Count > 1);
        if (group is null)
        {
            return null;
        }

        var some = group.Take(MostMerged).ToList();
        var points = PointOrder.Sort(ChunkTable.Points(read, some));
        return new CompactionPlan(
            run,
            [],
            [.. some.Select(h => h.Id)],
            [.. Chunk.Of(run, number, points, fill: false)]
        );
    }

    private static async Task<bool> ApplyAsync(IStore store, CompactionPlan plan, CancellationToken cancellation)
    {
        try
        {
            return await store.WriteAsync(
                tx =>
                {
                    plan.Apply(tx);
                    return true;
                },
                Lane.Bulk,
                cancellation
            );
        }
        catch (PlanOutdatedException)
        {
            return false;
        }
    }
}

/// <summary>Rows to take away and the chunks that stand for them.</summary>
internal sealed record CompactionPlan(string Run, long[] Segments, long[] Chunks, IReadOnlyList<Chunk> Made)
{
    /// <exception cref="PlanOutdatedException">Another server has taken one of the rows; nothing is changed.</exception>
    public void Apply(ITransaction tx)
    {
        var segments =
            Segments.Length == 0
                ? 0
                : tx.Execute("DELETE FROM segment WHERE run = @Run AND id = ANY(@Ids)", new { Run, Ids = Segments });
        if (segments != Segments.Length || ChunkTable.Delete(tx, Run, Chunks) != Chunks.Length)
        {
            throw new PlanOutdatedException();
        }

        foreach (var chunk in Made)
        {
            ChunkTable.Insert(tx, chunk);
        }
    }
}

/// <summary>What a plan was made from is no longer there.</summary>
internal sealed class PlanOutdatedException() : Exception("Another server compacts the same run.");
