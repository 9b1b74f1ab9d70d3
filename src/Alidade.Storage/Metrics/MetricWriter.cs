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

    /// <inheritdoc cref="Append(ITransaction, string, MetricBatch, int)"/>
    public static LeftOut Append(
        ITransaction tx,
        string run,
        IReadOnlyList<MetricPoint> points,
        int most = int.MaxValue
    ) => Append(tx, run, MetricBatch.Of(points), most);

    /// <param name="most">How many series the run may have; points that would begin further ones are left out.</param>
    public static LeftOut Append(ITransaction tx, string run, MetricBatch batch, int most = int.MaxValue)
    {
        if (batch.Points.Count == 0)
        {
            return LeftOut.Nothing;
        }

        if (tx.Dialect == Dialect.Postgres)
        {
            // Two batches of one run would both number its new series, and compaction relies on their order.
            tx.Ask<string>("SELECT CAST(pg_advisory_xact_lock(hashtext(@Run)) AS TEXT)", new { Run = run });
        }

        var series = Load(tx, run, batch.Names, most);
        if (Array.IndexOf(series, null) is >= 0 and var noRoom)
        {
            var kept = batch.Points.Where((_, i) => series[batch.Which[i]] is not null).ToList();
            Append(tx, run, kept);
            return new LeftOut(batch.Points.Count - kept.Count, batch.Names[noRoom]);
        }

        Write(tx, run, batch, series!);
        return LeftOut.Nothing;
    }

    private static void Write(ITransaction tx, string run, MetricBatch batch, Summary[] series)
    {
        tx.Send(
            tx.Dialect == Dialect.Postgres ? InsertNext : InsertNextOfRun,
            new
            {
                Run = run,
                batch.Points.Count,
                batch.MinStep,
                batch.MaxStep,
                Body = SegmentCodec.Join(Array.ConvertAll(batch.Which, place => series[place].Number), batch.Columns),
            }
        );
        for (var i = 0; i < series.Length; i++)
        {
            series[i].Add(batch.Gains[i]);
        }

        Save(tx, run, series);
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

    /// <summary>A series as it is stored, with what it gains.</summary>
    private sealed class Summary(SeriesRow row)
    {
        private readonly SeriesTotals _sum = SeriesTotals.Of(row);

        public string Name { get; } = row.Name;
        public int Number { get; } = row.Number;
        public long Count => _sum.Count;
        public long LastStep => _sum.LastStep;
        public long LastTime => _sum.LastTime;
        public long Last => OrderedDouble.ToLong(_sum.Last);
        public long Min => OrderedDouble.ToLong(_sum.Min);
        public long Max => OrderedDouble.ToLong(_sum.Max);

        public void Add(SeriesTotals gain) => _sum.Add(gain);
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
