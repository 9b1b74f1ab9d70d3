using System.Runtime.InteropServices;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Metrics;

/// <summary>Series as lists, pages and histories need them: exact, compacted or not.</summary>
public static class MetricReader
{
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

    /// <summary>How many points have come to a run in all its series; it only grows.</summary>
    public static long Points(ISession read, string run) =>
        read.Scalar<long>(
            "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM series WHERE run = @Run",
            new { Run = run }
        );

    /// <summary>All points by step, then time, then value; a point that came twice is there once.</summary>
    public static SeriesPoints All(ISession read, string run, string name) => Page(read, run, name, null, int.MaxValue);

    /// <summary>The next points after a place, by step, then time, then value.</summary>
    public static SeriesPoints Page(ISession read, string run, string name, PointPlace? after, int limit)
    {
        if (Summary(read, run, name) is not { } summary)
        {
            return SeriesPoints.Empty;
        }

        var page = new List<StoredPoint>((int)Math.Min(limit, summary.Count));
        foreach (var block in SeriesBlocks.Read(read, run, summary.Number, after))
        {
            var from = after is { } place ? Beyond(block, place) : 0;
            page.AddRange(
                CollectionsMarshal.AsSpan(block).Slice(from, Math.Min(block.Count - from, limit - page.Count))
            );
            if (page.Count == limit)
            {
                break;
            }
        }

        return SeriesPoints.Of(page);
    }

    /// <summary>One point for each step, the one that arrived last: how Dioptra shows a series.</summary>
    public static SeriesPoints LastByStep(ISession read, string run, string name)
    {
        var last = new List<StoredPoint>();
        foreach (var point in Blocks(read, run, name).SelectMany(block => block))
        {
            if (last.Count == 0 || last[^1].Step != point.Step)
            {
                last.Add(point);
            }
            else if (point.Arrival > last[^1].Arrival)
            {
                last[^1] = point;
            }
        }

        return SeriesPoints.Of(last);
    }

    /// <summary>Every step that has a point, in order.</summary>
    public static IReadOnlyList<long> Steps(ISession read, string run, string name)
    {
        var steps = new List<long>();
        foreach (var point in Blocks(read, run, name).SelectMany(block => block))
        {
            if (steps.Count == 0 || steps[^1] != point.Step)
            {
                steps.Add(point.Step);
            }
        }

        return steps;
    }

    /// <summary>The points at these steps.</summary>
    public static SeriesPoints AtSteps(ISession read, string run, string name, IReadOnlySet<long> steps) =>
        SeriesPoints.Of([
            .. Blocks(read, run, name).SelectMany(block => block.Where(point => steps.Contains(point.Step))),
        ]);

    /// <summary>The next points after a place, by time, then step, then value: how MLflow shows a series.</summary>
    /// <param name="after">The last point of the page before.</param>
    public static SeriesPoints PageByTime(ISession read, string run, string name, PointPlace? after, int limit)
    {
        if (Summary(read, run, name) is not { } summary)
        {
            return SeriesPoints.Empty;
        }

        var wanted = new HashSet<int> { summary.Number };
        var points = Pending.Read(read, run, wanted).GetValueOrDefault(summary.Number) ?? [];
        var heads = ChunkTable
            .Heads(read, run, summary.Number)
            .Where(h => after is null || h.MaxTime >= after.Value.Time)
            .OrderBy(h => h.MinTime)
            .ToList();
        for (var i = 0; i < heads.Count; i++)
        {
            // Nothing in the chunks to come is before what is there already.
            if (limit < points.Count && points.Count(p => IsAfter(p) && p.Time < heads[i].MinTime) >= limit)
            {
                break;
            }

            points.AddRange(ChunkTable.Points(read, [heads[i]]));
        }

        return SeriesPoints.Of([
            .. PointOrder.Sort(points).Where(IsAfter).OrderBy(p => p.Time).ThenBy(p => p.Place).Take(limit),
        ]);

        bool IsAfter(StoredPoint p) =>
            after is not { } place || p.Time > place.Time || (p.Time == place.Time && p.Place.CompareTo(place) > 0);
    }

    private static IEnumerable<List<StoredPoint>> Blocks(ISession read, string run, string name) =>
        Summary(read, run, name) is { } summary ? SeriesBlocks.Read(read, run, summary.Number) : [];

    /// <summary>The index of the first point after a place.</summary>
    private static int Beyond(List<StoredPoint> points, PointPlace place)
    {
        var (low, high) = (0, points.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = points[middle].Place.CompareTo(place) > 0 ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

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
}
