using System.Globalization;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Metrics;

/// <summary>
/// Adds points: one segment for the batch, and the summary of each series it touches. On PostgreSQL a batch of known series
/// is two trips: the summaries are raised with the lock, the segment, which needs their numbers, goes with the commit.
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

    private const string BeginOne = """
        INSERT INTO series (run, name, number, count, last, last_step, last_time, min, max)
        VALUES (@Run, @Name, @Number, @Count, @Last, @LastStep, @LastTime, @Min, @Max)
        """;

    /// <summary>No series has this number.</summary>
    private const int Missing = -1;

    private static readonly string RaiseOne =
        $"UPDATE series SET {Raised("@Count", "@Last", "@LastStep", "@LastTime", "@Min", "@Max")} "
        + "WHERE run = @Run AND name = @Name RETURNING number";

    private static readonly string RaiseMany =
        $"UPDATE series SET {Raised("v.count", "v.last", "v.last_step", "v.last_time", "v.min", "v.max")} "
        + """
            FROM unnest(@Names, @Counts, @Lasts, @LastSteps, @LastTimes, @Mins, @Maxs)
                AS v (name, count, last, last_step, last_time, min, max)
            WHERE series.run = @Run AND series.name = v.name
            RETURNING series.name, series.number
            """;

    /// <summary>
    /// SQL: a summary and later points together, as <see cref="SeriesTotals"/> adds them. NaN sorts last, so it is never the
    /// least beside a number; the greatest it is only where there is no number.
    /// </summary>
    private static string Raised(string count, string last, string step, string time, string min, string max)
    {
        var isNewer = $"({step}, {time}) >= (series.last_step, series.last_time)";
        var nan = OrderedDouble.ToLong(double.NaN).ToString(CultureInfo.InvariantCulture);
        return $"""
            count = series.count + {count},
            last = CASE WHEN {isNewer} THEN {last} ELSE series.last END,
            last_step = CASE WHEN {isNewer} THEN {step} ELSE series.last_step END,
            last_time = CASE WHEN {isNewer} THEN {time} ELSE series.last_time END,
            min = CASE WHEN {min} < series.min THEN {min} ELSE series.min END,
            max = CASE WHEN {max} <> {nan} AND ({max} > series.max OR series.max = {nan}) THEN {max} ELSE series.max END
            """;
    }

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

        Lock(tx, run);
        var numbers = Raise(tx, run, batch);
        var noRoom = Array.Exists(numbers, IsMissing) ? Begin(tx, run, batch, numbers, most) : null;
        if (noRoom is null)
        {
            Insert(tx, run, batch, Array.ConvertAll(batch.Which, place => numbers[place]));
            return LeftOut.Nothing;
        }

        var kept = batch.Points.Where((_, i) => !IsMissing(numbers[batch.Which[i]])).ToList();
        if (kept.Count > 0)
        {
            var which = batch.Which.Select(place => numbers[place]).Where(number => !IsMissing(number));
            Insert(tx, run, MetricBatch.Of(kept), [.. which]);
        }

        return new LeftOut(batch.Points.Count - kept.Count, noRoom);
    }

    /// <summary>Two batches of one run would both number its new series, and compaction relies on their order.</summary>
    internal static void Lock(ITransaction tx, string run)
    {
        if (tx.Dialect == Dialect.Postgres)
        {
            tx.Ask<string>("SELECT CAST(pg_advisory_xact_lock(hashtext(@Run)) AS TEXT)", new { Run = run });
        }
    }

    private static bool IsMissing(int number) => number < 0;

    private static void Insert(ITransaction tx, string run, MetricBatch batch, int[] series) =>
        tx.Send(
            tx.Dialect == Dialect.Postgres ? InsertNext : InsertNextOfRun,
            new
            {
                Run = run,
                batch.Points.Count,
                batch.MinStep,
                batch.MaxStep,
                Body = SegmentCodec.Join(series, batch.Columns),
            }
        );

    /// <summary>Adds to the series that are there.</summary>
    /// <returns>For each name of the batch the number of its series; -1 where there is none yet.</returns>
    private static int[] Raise(ITransaction tx, string run, MetricBatch batch)
    {
        if (tx.Dialect == Dialect.Postgres && batch.Names.Length > 1)
        {
            return RaiseAtOnce(tx, run, batch);
        }

        var numbers = new int[batch.Names.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = tx.Query<int>(RaiseOne, Values(run, batch, i)) is [var number] ? number : Missing;
        }

        return numbers;
    }

    /// <summary>One statement, however many series: each of its own would be planned and answered.</summary>
    private static int[] RaiseAtOnce(ITransaction tx, string run, MetricBatch batch)
    {
        var gains = batch.Gains;
        var known = tx.Query<Numbered>(
                RaiseMany,
                new
                {
                    Run = run,
                    batch.Names,
                    Counts = Array.ConvertAll(gains, g => g.Count),
                    Lasts = Array.ConvertAll(gains, g => OrderedDouble.ToLong(g.Last)),
                    LastSteps = Array.ConvertAll(gains, g => g.LastStep),
                    LastTimes = Array.ConvertAll(gains, g => g.LastTime),
                    Mins = Array.ConvertAll(gains, g => OrderedDouble.ToLong(g.Min)),
                    Maxs = Array.ConvertAll(gains, g => OrderedDouble.ToLong(g.Max)),
                }
            )
            .ToDictionary(row => row.Name, row => row.Number, StringComparer.Ordinal);
        return Array.ConvertAll(batch.Names, name => known.GetValueOrDefault(name, Missing));
    }

    /// <summary>Makes the series that are missing, as far as there is room, and numbers them.</summary>
    /// <returns>The first name for which there was none.</returns>
    private static string? Begin(ITransaction tx, string run, MetricBatch batch, int[] numbers, int most)
    {
        string? noRoom = null;
        // Counted once for a batch: a job may make very many.
        var next = (int)tx.Scalar<long>("SELECT COUNT(*) FROM series WHERE run = @Run", new { Run = run });
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!IsMissing(numbers[i]))
            {
                continue;
            }

            if (next >= most)
            {
                noRoom ??= batch.Names[i];
                continue;
            }

            numbers[i] = next++;
            tx.Send(BeginOne, Values(run, batch, i) with { Number = numbers[i] });
        }

        return noRoom;
    }

    private static SeriesRow Values(string run, MetricBatch batch, int place)
    {
        var gain = batch.Gains[place];
        return new SeriesRow
        {
            Run = run,
            Name = batch.Names[place],
            Count = gain.Count,
            Last = OrderedDouble.ToLong(gain.Last),
            LastStep = gain.LastStep,
            LastTime = gain.LastTime,
            Min = OrderedDouble.ToLong(gain.Min),
            Max = OrderedDouble.ToLong(gain.Max),
        };
    }

    private sealed record Numbered
    {
        public string Name { get; init; } = "";
        public int Number { get; init; }
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
