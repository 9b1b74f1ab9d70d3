using Alidade.Storage.Platform;

namespace Alidade.Storage.Metrics;

/// <summary>Adds points: one segment for the batch, and the summary of each series it touches.</summary>
public static class MetricWriter
{
    public static void Append(ITransaction tx, string run, IReadOnlyList<MetricPoint> points)
    {
        if (points.Count == 0)
        {
            return;
        }

        if (tx.Dialect == Dialect.Postgres)
        {
            // Two batches of one run would both number its new series.
            tx.Query<string>("SELECT CAST(pg_advisory_xact_lock(hashtext(@Run)) AS TEXT)", new { Run = run });
        }

        var series = new Dictionary<string, Summary>(StringComparer.Ordinal);
        int? next = null;
        var coded = new (int, long, long, double)[points.Count];
        for (var i = 0; i < points.Count; i++)
        {
            var point = points[i];
            if (!series.TryGetValue(point.Name, out var summary))
            {
                series[point.Name] = summary = Load(tx, run, point.Name) ?? Begin(tx, run, point.Name, ref next);
            }

            summary.Add(point);
            coded[i] = (summary.Number, point.Step, point.Time, point.Value);
        }

        tx.Execute(
            """
            INSERT INTO segment (run, count, min_step, max_step, body) VALUES (@Run, @Count, @MinStep, @MaxStep, @Body)
            """,
            new
            {
                Run = run,
                points.Count,
                MinStep = points.Min(p => p.Step),
                MaxStep = points.Max(p => p.Step),
                Body = SegmentCodec.Encode(coded),
            }
        );
        foreach (var (name, summary) in series)
        {
            Save(tx, run, name, summary);
        }
    }

    private static Summary? Load(ITransaction tx, string run, string name) =>
        tx.First<SeriesRow>("SELECT * FROM series WHERE run = @Run AND name = @Name", new { Run = run, Name = name })
            is { } known
            ? new Summary(known)
            : null;

    /// <param name="next">
    /// The number of the next new series, counted once for a batch: a job may make very many.
    /// </param>
    private static Summary Begin(ITransaction tx, string run, string name, ref int? next)
    {
        next ??= (int)tx.Scalar<long>("SELECT COUNT(*) FROM series WHERE run = @Run", new { Run = run });
        var row = new SeriesRow { Number = next.Value };
        next++;
        tx.Execute(
            """
            INSERT INTO series (run, name, number, count, last, last_step, last_time, min, max)
            VALUES (@Run, @Name, @Number, 0, 0, 0, 0, 0, 0)
            """,
            new
            {
                Run = run,
                Name = name,
                row.Number,
            }
        );
        return new Summary(row);
    }

    private static void Save(ITransaction tx, string run, string name, Summary summary) =>
        tx.Execute(
            """
            UPDATE series SET count = @Count, last = @Last, last_step = @LastStep, last_time = @LastTime, min = @Min, max = @Max
            WHERE run = @Run AND name = @Name
            """,
            new
            {
                Run = run,
                Name = name,
                summary.Count,
                Last = OrderedDouble.ToLong(summary.Last),
                summary.LastStep,
                summary.LastTime,
                Min = OrderedDouble.ToLong(summary.Min),
                Max = OrderedDouble.ToLong(summary.Max),
            }
        );

    private sealed class Summary(SeriesRow row)
    {
        public int Number { get; } = row.Number;
        public long Count { get; private set; } = row.Count;
        public double Last { get; private set; } = OrderedDouble.ToDouble(row.Last);
        public long LastStep { get; private set; } = row.LastStep;
        public long LastTime { get; private set; } = row.LastTime;
        public double Min { get; private set; } = row.Count == 0 ? double.NaN : OrderedDouble.ToDouble(row.Min);
        public double Max { get; private set; } = row.Count == 0 ? double.NaN : OrderedDouble.ToDouble(row.Max);

        public void Add(MetricPoint point)
        {
            if (Count == 0 || (point.Step, point.Time).CompareTo((LastStep, LastTime)) >= 0)
            {
                (Last, LastStep, LastTime) = (point.Value, point.Step, point.Time);
            }

            Count++;
            if (!double.IsNaN(point.Value))
            {
                Min = double.IsNaN(Min) ? point.Value : Math.Min(Min, point.Value);
                Max = double.IsNaN(Max) ? point.Value : Math.Max(Max, point.Value);
            }
        }
    }
}

internal sealed record SeriesRow
{
    public string Run { get; init; } = "";
    public string Name { get; init; } = "";
    public int Number { get; init; }
    public long Count { get; init; }
    public long Last { get; init; }
    public long LastStep { get; init; }
    public long LastTime { get; init; }
    public long Min { get; init; }
    public long Max { get; init; }
}
