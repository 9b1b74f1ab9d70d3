using Alidade.Storage.Platform;

namespace Alidade.Storage.Metrics;

/// <summary>Points that are durable and not yet compacted: whole batches of a run, in the order they came.</summary>
internal static class Pending
{
    /// <summary>Arrivals of what is not compacted, where only their order counts: after everything that is.</summary>
    public const long AfterAll = 1L << 62;

    private const int SegmentsAtOnce = 512;

    /// <summary>The oldest batches of a run, until they hold so many points.</summary>
    public static IReadOnlyList<SegmentRow> Oldest(ISession read, string run, int segments, int points)
    {
        var found = new List<SegmentRow>();
        var held = 0;
        foreach (var row in Rows(read, run, 0, segments))
        {
            if (found.Count > 0 && held + row.Count > points)
            {
                break;
            }

            found.Add(row);
            held += row.Count;
        }

        return found;
    }

    /// <summary>The points of some series of a run by their numbers, each in its place and once.</summary>
    public static Dictionary<int, List<StoredPoint>> Read(ISession read, string run, IReadOnlySet<int> numbers)
    {
        var found = new Dictionary<int, List<StoredPoint>>();
        long after = 0;
        IReadOnlyList<SegmentRow> rows;
        do
        {
            rows = Rows(read, run, after, SegmentsAtOnce);
            foreach (var row in rows)
            {
                Add(row, numbers, found);
                after = row.Id;
            }
        } while (rows.Count == SegmentsAtOnce);

        foreach (var points in found.Values)
        {
            PointOrder.Sort(points);
        }

        return found;
    }

    /// <summary>
    /// The points of whole batches by their series, in the order of arrival, with room for those of a chunk that they join.
    /// They are many: lists that grew would leave several times as much garbage, of the kind that is costly to collect.
    /// </summary>
    /// <param name="first">Given a series, the arrival of its first point.</param>
    public static Dictionary<int, List<StoredPoint>> BySeries(IEnumerable<SegmentRow> rows, Func<int, long> first)
    {
        var segments = rows.Select(row => SegmentCodec.Decode(row.Body)).ToList();
        var counts = segments.SelectMany(segment => segment.Series).CountBy(number => number);
        var found = counts.ToDictionary(
            of => of.Key,
            of => (First: first(of.Key), Points: new List<StoredPoint>(of.Value + RoomToJoin(of.Value)))
        );
        foreach (var segment in segments)
        {
            for (var i = 0; i < segment.Count; i++)
            {
                var (arrival, points) = found[segment.Series[i]];
                points.Add(segment.Point(i, arrival + points.Count));
            }
        }

        return found.ToDictionary(of => of.Key, of => of.Value.Points);
    }

    /// <summary>A few points join a small chunk only, and there may be a few of very many series.</summary>
    private static int RoomToJoin(int points) => Math.Min(Chunk.Most, points * Compaction.Growth);

    /// <summary>Adds the points of some series of a batch, in the order of arrival.</summary>
    private static void Add(SegmentRow row, IReadOnlySet<int> numbers, Dictionary<int, List<StoredPoint>> to)
    {
        var segment = SegmentCodec.Decode(row.Body);
        for (var i = 0; i < segment.Count; i++)
        {
            if (!numbers.Contains(segment.Series[i]))
            {
                continue;
            }

            if (!to.TryGetValue(segment.Series[i], out var points))
            {
                to[segment.Series[i]] = points = [];
            }

            points.Add(segment.Point(i, AfterAll + points.Count));
        }
    }

    private static IReadOnlyList<SegmentRow> Rows(ISession read, string run, long after, int most) =>
        read.Query<SegmentRow>(
            $"SELECT id, count, body FROM segment WHERE run = @Run AND id > @After ORDER BY id LIMIT {most}",
            new { Run = run, After = after }
        );
}

internal sealed record SegmentRow
{
    public long Id { get; init; }
    public int Count { get; init; }
    public byte[] Body { get; init; } = [];
}
