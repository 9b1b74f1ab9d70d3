using System.Runtime.InteropServices;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Metrics;

/// <summary>What is known of a chunk without its points.</summary>
internal record ChunkHead
{
    /// <summary>Columns for SELECT.</summary>
    public const string Columns =
        "id, number, count, first_step, first_time, first_value, last_step, last_time, last_value, min_time, max_time, arrived";

    public long Id { get; init; }
    public int Number { get; init; }
    public int Count { get; init; }
    public long FirstStep { get; init; }
    public long FirstTime { get; init; }
    public long FirstValue { get; init; }
    public long LastStep { get; init; }
    public long LastTime { get; init; }
    public long LastValue { get; init; }
    public long MinTime { get; init; }
    public long MaxTime { get; init; }

    /// <summary>The latest arrival in it.</summary>
    public long Arrived { get; init; }

    public PointPlace First => new(FirstStep, FirstTime, FirstValue);

    public PointPlace Last => new(LastStep, LastTime, LastValue);
}

/// <summary>A chunk with its points, to be written.</summary>
internal sealed record Chunk : ChunkHead
{
    /// <summary>Points in one chunk at most.</summary>
    public const int Most = 4096;

    /// <summary>Points of a chunk that charts see as one stretch.</summary>
    private const int Stretch = 256;

    public string Run { get; private init; } = "";
    public byte[] Thin { get; private init; } = [];
    public byte[] Body { get; private init; } = [];

    /// <summary>How many points charts read of a chunk.</summary>
    public static int ThinCount(int count) => Math.Min(count, (count + Stretch - 1) / Stretch * Thinning.Kept);

    /// <summary>Sorted points without repetitions in as few chunks as hold them, all about equally full.</summary>
    /// <param name="fill">Full ones first instead, where more points will follow at the end.</param>
    public static IEnumerable<Chunk> Of(string run, int number, List<StoredPoint> points, bool fill)
    {
        var chunks = (points.Count + Most - 1) / Most;
        for (var i = 0; i < chunks; i++)
        {
            var from = fill ? i * Most : (int)((long)points.Count * i / chunks);
            var to = fill ? Math.Min(from + Most, points.Count) : (int)((long)points.Count * (i + 1) / chunks);
            yield return One(run, number, CollectionsMarshal.AsSpan(points)[from..to]);
        }
    }

    private static Chunk One(string run, int number, ReadOnlySpan<StoredPoint> points)
    {
        var (first, last) = (points[0].Place, points[^1].Place);
        var (minTime, maxTime, arrived) = (points[0].Time, points[0].Time, points[0].Arrival);
        foreach (var point in points)
        {
            minTime = Math.Min(minTime, point.Time);
            maxTime = Math.Max(maxTime, point.Time);
            arrived = Math.Max(arrived, point.Arrival);
        }

        var thin = Thinning.ByCount(points, Stretch);
        return new Chunk
        {
            Run = run,
            Number = number,
            Count = points.Length,
            FirstStep = first.Step,
            FirstTime = first.Time,
            FirstValue = first.Value,
            LastStep = last.Step,
            LastTime = last.Time,
            LastValue = last.Value,
            MinTime = minTime,
            MaxTime = maxTime,
            Arrived = arrived,
            Thin = SegmentCodec.Encode(new int[thin.Count], CollectionsMarshal.AsSpan(thin)),
            Body = ChunkCodec.Encode(points),
        };
    }
}

/// <summary>The table of chunks.</summary>
internal static class ChunkTable
{
    private const int BodiesAtOnce = 64;

    public static IReadOnlyList<ChunkHead> Heads(ISession read, string run, int number) =>
        read.Query<ChunkHead>(
            $"SELECT {ChunkHead.Columns} FROM chunk WHERE run = @Run AND number = @Number ORDER BY last_step, last_time, id",
            new { Run = run, Number = number }
        );

    /// <summary>The last chunks of a series, the last one first.</summary>
    public static IReadOnlyList<ChunkHead> Tail(ISession read, string run, int number, int most) =>
        read.Query<ChunkHead>(
            $"""
            SELECT {ChunkHead.Columns} FROM chunk WHERE run = @Run AND number = @Number
            ORDER BY last_step DESC, last_time DESC, last_value DESC LIMIT {most}
            """,
            new { Run = run, Number = number }
        );

    /// <summary>Chunks with a point of this arrival or a later one.</summary>
    public static IReadOnlyList<ChunkHead> Since(ISession read, string run, int number, long arrival) =>
        read.Query<ChunkHead>(
            $"SELECT {ChunkHead.Columns} FROM chunk WHERE run = @Run AND number = @Number AND arrived >= @Arrival",
            new
            {
                Run = run,
                Number = number,
                Arrival = arrival,
            }
        );

    /// <summary>How many points of a series have been compacted, repetitions counted too.</summary>
    public static long Compacted(ISession read, string run, int number) =>
        read.Scalar<long>(
            "SELECT COALESCE(MAX(arrived) + 1, 0) FROM chunk WHERE run = @Run AND number = @Number",
            new { Run = run, Number = number }
        );

    /// <summary>All points of these chunks, in no order.</summary>
    public static List<StoredPoint> Points(ISession read, IReadOnlyCollection<ChunkHead> chunks)
    {
        var points = new List<StoredPoint>(chunks.Sum(c => c.Count));
        foreach (var some in chunks.Select(c => c.Id).Chunk(BodiesAtOnce))
        {
            var bodies = read.Query<BodyRow>("SELECT id, body FROM chunk WHERE id = ANY(@Ids)", new { Ids = some });
            if (bodies.Count != some.Length)
            {
                throw new ConcurrentChangeException("A chunk was merged with another while it was read.");
            }

            foreach (var row in bodies.OrderBy(b => Array.IndexOf(some, b.Id)))
            {
                ChunkCodec.Decode(row.Body, points);
            }
        }

        return points;
    }

    public static void Insert(ITransaction tx, Chunk chunk) =>
        tx.Execute(
            """
            INSERT INTO chunk (run, number, count, first_step, first_time, first_value, last_step, last_time, last_value,
                min_time, max_time, arrived, thin, body)
            VALUES (@Run, @Number, @Count, @FirstStep, @FirstTime, @FirstValue, @LastStep, @LastTime, @LastValue,
                @MinTime, @MaxTime, @Arrived, @Thin, @Body)
            """,
            new
            {
                chunk.Run,
                chunk.Number,
                chunk.Count,
                chunk.FirstStep,
                chunk.FirstTime,
                chunk.FirstValue,
                chunk.LastStep,
                chunk.LastTime,
                chunk.LastValue,
                chunk.MinTime,
                chunk.MaxTime,
                chunk.Arrived,
                chunk.Thin,
                chunk.Body,
            }
        );

    /// <summary>How many there were: they may be another run's by now.</summary>
    public static int Delete(ITransaction tx, string run, long[] ids) =>
        ids.Length == 0
            ? 0
            : tx.Execute("DELETE FROM chunk WHERE id = ANY(@Ids) AND run = @Run", new { Ids = ids, Run = run });

    private sealed record BodyRow
    {
        public long Id { get; init; }
        public byte[] Body { get; init; } = [];
    }
}
