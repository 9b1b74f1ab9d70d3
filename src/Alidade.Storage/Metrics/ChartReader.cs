using Alidade.Storage.Platform;

namespace Alidade.Storage.Metrics;

/// <summary>What a chart shows of its series.</summary>
/// <param name="ByTime">Its axis is time instead of step.</param>
/// <param name="From">The least place on the axis; null for the beginning.</param>
/// <param name="Most">About how many points of each series it can draw.</param>
public sealed record ChartWindow(bool ByTime, long? From, long? To, int Most);

/// <summary>A series as a chart draws it.</summary>
/// <param name="Whole">All points of the range are there; none was left out.</param>
public sealed record ChartSeries(SeriesSummary Summary, SeriesPoints Points, bool Whole);

/// <summary>
/// Series thinned for charts. A long one is drawn from what its chunks keep for this, without reading their points; the
/// closer one looks, the fewer chunks are in view, until the points themselves are read.
/// </summary>
public static class ChartReader
{
    /// <summary>One series by step; without points when there is none.</summary>
    public static SeriesPoints Read(ISession read, string run, string name, int most) =>
        MetricReader.Summary(read, run, name) is { } summary
            ? Read(read, run, [summary], new ChartWindow(ByTime: false, null, null, most))[0].Points
            : SeriesPoints.Empty;

    /// <param name="series">Of one run.</param>
    public static IReadOnlyList<ChartSeries> Read(
        ISession read,
        string run,
        IReadOnlyCollection<SeriesSummary> series,
        ChartWindow view
    )
    {
        var numbers = series.Select(s => s.Number).ToHashSet();
        var pending = Pending.Read(read, run, numbers);
        var chunks = InView(read, run, numbers, view).ToLookup(c => c.Number);
        return
        [
            .. series.Select(s => One(read, s, [.. chunks[s.Number]], pending.GetValueOrDefault(s.Number) ?? [], view)),
        ];
    }

    /// <summary>What arrived of a series after so many points, thinned if it is more than can be drawn.</summary>
    /// <param name="seen">The <see cref="SeriesSummary.Count"/> of the last answer.</param>
    public static ChartSeries Since(ISession read, SeriesSummary summary, long seen, ChartWindow view)
    {
        var pending =
            Pending.Read(read, summary.Run, new HashSet<int> { summary.Number }).GetValueOrDefault(summary.Number)
            ?? [];
        var compacted = ChunkTable.Compacted(read, summary.Run, summary.Number);
        var points = ChunkTable
            .Points(read, ChunkTable.Since(read, summary.Run, summary.Number, seen))
            .Where(p => p.Arrival >= seen)
            .Concat(pending.Where(p => p.Arrival - Pending.AfterAll + compacted >= seen));
        return Thin(summary, [.. points.Where(p => IsIn(p, view))], whole: true, view);
    }

    private static ChartSeries One(
        ISession read,
        SeriesSummary summary,
        List<ThinRow> chunks,
        List<StoredPoint> pending,
        ChartWindow view
    )
    {
        // What waits to be compacted may repeat what is there, so it does not count as more than can be drawn.
        var thin =
            chunks.Sum(c => (long)c.Count) > view.Most
            && chunks.Sum(c => Chunk.ThinCount(c.Count)) + pending.Count >= view.Most / 2;
        var points = thin ? ThinPoints(chunks) : ChunkTable.Points(read, chunks);
        points.AddRange(pending);
        return Thin(summary, [.. points.Where(p => IsIn(p, view))], whole: !thin, view);
    }

    private static ChartSeries Thin(SeriesSummary summary, List<StoredPoint> points, bool whole, ChartWindow view)
    {
        PointOrder.Sort(points);
        if (view.ByTime)
        {
            points.Sort((a, b) => a.Time != b.Time ? a.Time.CompareTo(b.Time) : a.Place.CompareTo(b.Place));
        }

        var few = Thinning.ByWidth(points, view.ByTime, view.Most);
        return new ChartSeries(summary, SeriesPoints.Of(few), whole && few.Count == points.Count);
    }

    private static List<StoredPoint> ThinPoints(List<ThinRow> chunks)
    {
        var points = new List<StoredPoint>(chunks.Sum(c => Chunk.ThinCount(c.Count)));
        foreach (var chunk in chunks)
        {
            var thin = SegmentCodec.Decode(chunk.Thin);
            for (var i = 0; i < thin.Count; i++)
            {
                points.Add(new StoredPoint(thin.Steps[i], thin.Times[i], thin.Values[i], 0));
            }
        }

        return points;
    }

    private static IReadOnlyList<ThinRow> InView(ISession read, string run, HashSet<int> numbers, ChartWindow view)
    {
        var range =
            view.From is null && view.To is null ? ""
            : view.ByTime ? "AND max_time >= @From AND min_time <= @To"
            : "AND last_step >= @From AND first_step <= @To";
        return read.Query<ThinRow>(
            $"""
            SELECT id, number, count, thin FROM chunk WHERE run = @Run AND number = ANY(@Numbers) {range}
            ORDER BY number, last_step, last_time
            """,
            new
            {
                Run = run,
                Numbers = numbers.Select(n => (long)n).ToArray(),
                From = view.From ?? long.MinValue,
                To = view.To ?? long.MaxValue,
            }
        );
    }

    private static bool IsIn(StoredPoint point, ChartWindow view)
    {
        var at = view.ByTime ? point.Time : point.Step;
        return at >= (view.From ?? long.MinValue) && at <= (view.To ?? long.MaxValue);
    }

    private sealed record ThinRow : ChunkHead
    {
        public byte[] Thin { get; init; } = [];
    }
}
