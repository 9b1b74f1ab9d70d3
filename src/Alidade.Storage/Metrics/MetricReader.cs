using Alidade.Storage.Platform;

namespace Alidade.Storage.Metrics;

/// <summary>Series as lists, charts and Dioptra's histories need them.</summary>
public static class MetricReader
{
    private const int SegmentsAtOnce = 512;

    /// <summary>The series of these runs by run and name, without reading any point.</summary>
    public static IReadOnlyList<SeriesSummary> Summaries(ISession read, params string[] runs) =>
        [
            .. read.Query<SeriesRow>(
                    "SELECT * FROM series WHERE run = ANY(@Runs) ORDER BY run, name",
                    new { Runs = runs }
                )
                .Select(Summary),
        ];

    public static SeriesSummary? Summary(ISession read, string run, string name) =>
        read.First<SeriesRow>("SELECT * FROM series WHERE run = @Run AND name = @Name", new { Run = run, Name = name })
            is { } row
            ? Summary(row)
            : null;

    /// <summary>How many points a run has in all its series.</summary>
    public static long Points(ISession read, string run) =>
        read.Scalar<long>(
            "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM series WHERE run = @Run",
            new { Run = run }
        );

    /// <summary>All points by step, then time, then arrival; a point that came twice is there once.</summary>
    public static SeriesPoints All(ISession read, string run, string name)
    {
        if (Summary(read, run, name) is not { } summary)
        {
            return SeriesPoints.Empty;
        }

        var points = new List<(long Step, long Time, double Value, int Arrival)>((int)Math.Min(summary.Count, 1 << 20));
        Scan(
            read,
            run,
            body => SegmentCodec.Decode(body, summary.Number, (s, t, v) => points.Add((s, t, v, points.Count)))
        );
        points.Sort((a, b) => (a.Step, a.Time, a.Arrival).CompareTo((b.Step, b.Time, b.Arrival)));
        return Columns(Distinct(points));
    }

    /// <summary>One point for each step, the one that arrived last: how Dioptra shows a series.</summary>
    public static SeriesPoints LastByStep(ISession read, string run, string name)
    {
        if (Summary(read, run, name) is not { } summary)
        {
            return SeriesPoints.Empty;
        }

        var last = new SortedDictionary<long, (long Step, long Time, double Value, int Arrival)>();
        Scan(read, run, body => SegmentCodec.Decode(body, summary.Number, (s, t, v) => last[s] = (s, t, v, 0)));
        return Columns([.. last.Values]);
    }

    private static void Scan(ISession read, string run, Action<byte[]> segment)
    {
        long after = 0;
        IReadOnlyList<SegmentRow> rows;
        do
        {
            rows = read.Query<SegmentRow>(
                $"SELECT id, body FROM segment WHERE run = @Run AND id > @After ORDER BY id LIMIT {SegmentsAtOnce}",
                new { Run = run, After = after }
            );
            foreach (var row in rows)
            {
                segment(row.Body);
                after = row.Id;
            }
        } while (rows.Count == SegmentsAtOnce);
    }

    private static List<(long Step, long Time, double Value, int Arrival)> Distinct(
        List<(long Step, long Time, double Value, int Arrival)> sorted
    )
    {
        var seen = new HashSet<long>();
        var kept = new List<(long, long, double, int)>(sorted.Count);
        (long, long) moment = default;
        foreach (var point in sorted)
        {
            if (kept.Count == 0 || (point.Step, point.Time) != moment)
            {
                moment = (point.Step, point.Time);
                seen.Clear();
            }

            if (seen.Add(OrderedDouble.ToLong(point.Value)))
            {
                kept.Add(point);
            }
        }

        return kept;
    }

    private static SeriesPoints Columns(List<(long Step, long Time, double Value, int)> points) =>
        new([.. points.Select(p => p.Step)], [.. points.Select(p => p.Time)], [.. points.Select(p => p.Value)]);

    private static SeriesSummary Summary(SeriesRow row) =>
        new(
            row.Run,
            row.Name,
            row.Number,
            row.Count,
            OrderedDouble.ToDouble(row.Last),
            row.LastStep,
            row.LastTime,
            OrderedDouble.ToDouble(row.Min),
            OrderedDouble.ToDouble(row.Max)
        );

    private sealed record SegmentRow
    {
        public long Id { get; init; }
        public byte[] Body { get; init; } = [];
    }
}
