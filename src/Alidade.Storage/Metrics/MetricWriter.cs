using System.Runtime.InteropServices;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Metrics;

/// <summary>
/// Adds points: one segment for the batch, and the summary of each series it touches. On PostgreSQL a batch of known series
/// is two trips: what is there is asked with the lock, what is written goes with the commit.
/// </summary>
public static class MetricWriter
{
    private const string InsertNext = """
        INSERT INTO segment (run, count, min_step, max_step, body) VALUES (@Run, @Count, @MinStep, @MaxStep, @Body)
        """;

    private const string InsertNextOfRun = """
        INSERT INTO segment (run, id, count, min_step, max_step, body)
        VALUES (
            @Run,
            1 + MAX((SELECT COALESCE(MAX(id), 0) FROM segment WHERE run = @Run), (SELECT id FROM segment_gone)),
            @Count, @MinStep, @MaxStep, @Body
        )
        """;

    /// <param name="most">How many series the run may have; points that would begin further ones are left out.</param>
    public static LeftOut Append(
        ITransaction tx,
        string run,
        IReadOnlyList<MetricPoint> points,
        int most = int.MaxValue
    )
    {
        if (points.Count == 0)
        {
            return LeftOut.Nothing;
        }

        if (tx.Dialect == Dialect.Postgres)
        {
            // Two batches of one run would both number its new series, and compaction relies on their order.
            tx.Ask<string>("SELECT CAST(pg_advisory_xact_lock(hashtext(@Run)) AS TEXT)", new { Run = run });
        }

        var (names, which) = Names(points);
        var series = Load(tx, run, names, most);
        var coded = new (int, long Step, long, double)[points.Count];
        var count = 0;
        var (least, greatest) = (long.MaxValue, long.MinValue);
        for (var i = 0; i < points.Count; i++)
        {
            var point = points[i];
            if (series[which[i]] is not { } summary)
            {
                continue;
            }

            summary.Add(point);
            coded[count++] = (summary.Number, point.Step, point.Time, point.Value);
            (least, greatest) = (Math.Min(least, point.Step), Math.Max(greatest, point.Step));
        }

        if (count > 0)
        {
            tx.Send(
                tx.Dialect == Dialect.Postgres ? InsertNext : InsertNextOfRun,
                new
                {
                    Run = run,
                    Count = count,
                    MinStep = least,
                    MaxStep = greatest,
                    Body = SegmentCodec.Encode(coded.AsSpan(0, count)),
                }
            );
            Save(tx, run, [.. series.OfType<Summary>()]);
        }

        return new LeftOut(points.Count - count, count < points.Count ? names[Array.IndexOf(series, null)] : "");
    }

    /// <summary>The different names, and which of them each point has.</summary>
    private static (string[] Names, int[] Which) Names(IReadOnlyList<MetricPoint> points)
    {
        var names = new List<string>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var which = new int[points.Count];
        for (var i = 0; i < which.Length; i++)
        {
            ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(places, points[i].Name, out var known);
            if (!known)
            {
                place = names.Count;
                names.Add(points[i].Name);
            }

            which[i] = place;
        }

        return ([.. names], which);
    }

    /// <summary>The series of these names, in their order, made where they are new; null where there is no room for it.</summary>
    private static Summary?[] Load(ITransaction tx, string run, string[] names, int most)
    {
        var rows =
            names.Length == 1
                ? tx.Query<SeriesRow>(
                    "SELECT * FROM series WHERE run = @Run AND name = @Name",
                    new { Run = run, Name = names[0] }
                )
                : tx.Query<SeriesRow>(
                    "SELECT * FROM series WHERE run = @Run AND name = ANY(@Names)",
                    new { Run = run, Names = names }
                );
        var known = rows.ToDictionary(row => row.Name, StringComparer.Ordinal);
        // Counted once for a batch: a job may make very many.
        var next =
            known.Count == names.Length
                ? 0
                : (int)tx.Scalar<long>("SELECT COUNT(*) FROM series WHERE run = @Run", new { Run = run });
        return Array.ConvertAll(
            names,
            name =>
                known.TryGetValue(name, out var row) ? new Summary(row)
                : next < most ? Begin(tx, run, name, next++)
                : null
        );
    }

    private static Summary Begin(ITransaction tx, string run, string name, int number)
    {
        tx.Send(
            """
            INSERT INTO series (run, name, number, count, last, last_step, last_time, min, max)
            VALUES (@Run, @Name, @Number, 0, 0, 0, 0, 0, 0)
            """,
            new
            {
                Run = run,
                Name = name,
                Number = number,
            }
        );
        return new Summary(new SeriesRow { Name = name, Number = number });
    }

    private static void Save(ITransaction tx, string run, Summary[] series)
    {
        if (tx.Dialect == Dialect.Postgres && series.Length > 1)
        {
            SaveAtOnce(tx, run, series);
            return;
        }

        foreach (var summary in series)
        {
            tx.Send(
                """
                UPDATE series SET count = @Count, last = @Last, last_step = @LastStep, last_time = @LastTime,
                    min = @Min, max = @Max
                WHERE run = @Run AND name = @Name
                """,
                new
                {
                    Run = run,
                    summary.Name,
                    summary.Count,
                    summary.Last,
                    summary.LastStep,
                    summary.LastTime,
                    summary.Min,
                    summary.Max,
                }
            );
        }
    }

    /// <summary>One statement, however many series: each of its own would be planned and answered.</summary>
    private static void SaveAtOnce(ITransaction tx, string run, Summary[] series) =>
        tx.Send(
            """
            UPDATE series SET count = v.count, last = v.last, last_step = v.last_step, last_time = v.last_time,
                min = v.min, max = v.max
            FROM unnest(@Names, @Counts, @Lasts, @LastSteps, @LastTimes, @Mins, @Maxs)
                AS v (name, count, last, last_step, last_time, min, max)
            WHERE series.run = @Run AND series.name = v.name
            """,
            new
            {
                Run = run,
                Names = Array.ConvertAll(series, s => s.Name),
                Counts = Array.ConvertAll(series, s => s.Count),
                Lasts = Array.ConvertAll(series, s => s.Last),
                LastSteps = Array.ConvertAll(series, s => s.LastStep),
                LastTimes = Array.ConvertAll(series, s => s.LastTime),
                Mins = Array.ConvertAll(series, s => s.Min),
                Maxs = Array.ConvertAll(series, s => s.Max),
            }
        );

    private sealed class Summary(SeriesRow row)
    {
        private double _min = row.Count == 0 ? double.NaN : OrderedDouble.ToDouble(row.Min);
        private double _max = row.Count == 0 ? double.NaN : OrderedDouble.ToDouble(row.Max);
        private double _last = OrderedDouble.ToDouble(row.Last);

        public string Name { get; } = row.Name;
        public int Number { get; } = row.Number;
        public long Count { get; private set; } = row.Count;
        public long LastStep { get; private set; } = row.LastStep;
        public long LastTime { get; private set; } = row.LastTime;
        public long Last => OrderedDouble.ToLong(_last);
        public long Min => OrderedDouble.ToLong(_min);
        public long Max => OrderedDouble.ToLong(_max);

        public void Add(in MetricPoint point)
        {
            if (Count == 0 || point.Step > LastStep || (point.Step == LastStep && point.Time >= LastTime))
            {
                (_last, LastStep, LastTime) = (point.Value, point.Step, point.Time);
            }

            Count++;
            if (!double.IsNaN(point.Value))
            {
                _min = double.IsNaN(_min) ? point.Value : Math.Min(_min, point.Value);
                _max = double.IsNaN(_max) ? point.Value : Math.Max(_max, point.Value);
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
