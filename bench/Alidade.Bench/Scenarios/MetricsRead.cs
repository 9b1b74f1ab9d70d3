using System.Diagnostics;
using Alidade.Bench.Measuring;
using Alidade.Bench.Servers;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;
using Alidade.Storage.Platform.Sqlite;

namespace Alidade.Bench.Scenarios;

/// <summary>Charts and whole series from compacted points, beside a bare web server that answers the same bytes.</summary>
internal sealed class MetricsRead : IScenario
{
    private const int Long = 1_000_000;
    private const int Short = 100_000;
    private const int Runs = 20;
    private const int Names = 10;
    private const int BatchSize = 50_000;
    private const int Times = 30;

    public string Name => "metrics-read";

    public string About =>
        $"charts of a series of 10⁶ points and of {Runs} × {Names} series of 10⁵, and all points of one";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        await using var server = await AlidadeServer.StartAsync(level: null, cancellation);
        using var http = HttpLoad.NewHttp(server.Process.Address, server.Client.Session());
        var runs = new List<string>();
        for (var i = 0; i <= Runs; i++)
        {
            runs.Add(await MetricsIngest.NewRunAsync(http, cancellation));
        }

        await SeedAsync(report, server.Data, runs, cancellation);
        var many = string.Join('&', runs.Take(Runs).Select(run => $"runs={run}"));
        var one = $"runs={runs[Runs]}";
        await MeasureAsync("chart, 10⁶ points", $"api/v1/series?{one}&points=2000&format=binary", "≤ 10 ms");
        await MeasureAsync(
            "the same, a hundredth of it",
            $"api/v1/series?{one}&points=2000&from=500000&to=510000&format=binary",
            "≤ 10 ms"
        );
        await MeasureAsync("20 × 10 series of 10⁵", $"api/v1/series?{many}&points=500&format=binary", "≤ 100 ms");
        await MeasureAsync("the same in JSON", $"api/v1/series?{many}&points=500", null);
        await MeasureAsync(
            "all 10⁵ points of one",
            $"api/v1/series/points?run={runs[0]}&name=m0&limit={Short}&format=binary",
            "≤ 30 ms"
        );
        await MeasureAsync(
            "MLflow, 320 samples of 10⁵",
            $"ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?run_ids={runs[0]}&metric_key=m0&max_results=320",
            null
        );
        report.Note("Times are of whole answers over HTTP, one after the other, read by the bench on the same cores.");

        async Task MeasureAsync(string name, string path, string? expected)
        {
            var body = await http.GetByteArrayAsync(path, cancellation);
            await using var bare = await BareKestrel.StartAsync(body);
            using var bareHttp = HttpLoad.NewHttp(bare.Address, null);
            await TimesAsync(bareHttp, "");
            await TimesAsync(http, path);
            var floor = Measure.Of(name, "ms", await TimesAsync(bareHttp, ""));
            var used = server.Process.ProcessorTime;
            var measured = Measure.Of(name, "ms", await TimesAsync(http, path), floor.Value, expected);
            used = server.Process.ProcessorTime - used;
            report.Add(measured);
            report.Add(new Measure($"{name}, processor time", "ms", used / Times, Count: Times));
        }

        async Task<List<double>> TimesAsync(HttpClient from, string path)
        {
            var times = new List<double>();
            for (var i = 0; i < Times; i++)
            {
                var asked = Stopwatch.GetTimestamp();
                _ = await from.GetByteArrayAsync(path, cancellation);
                times.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            }

            return times;
        }
    }

    /// <summary>One run of many series is written and compacted as it would be; the others get copies of its chunks.</summary>
    private static async Task SeedAsync(Report report, string data, List<string> runs, CancellationToken cancellation)
    {
        await using var store = SqliteStore.Open(
            Path.Combine(data, "series.db"),
            "series",
            new MonotonicClock(TimeProvider.System),
            e => throw new InvalidOperationException("The store broke.", e)
        );
        await WriteAsync(store, runs[0], [.. Enumerable.Range(0, Names).Select(i => $"m{i}")], Short);
        await WriteAsync(store, runs[Runs], ["loss"], Long);
        var used = Environment.CpuUsage.TotalTime;
        foreach (var run in (string[])[runs[0], runs[Runs]])
        {
            while (await Compaction.StepAsync(store, run, cancellation))
            {
                continue;
            }
        }

        used = Environment.CpuUsage.TotalTime - used;
        report.Add(
            new Measure("compaction, processor time", "µs/point", used.TotalMicroseconds / (Long + (Names * Short)))
        );
        var bytes = await store.ReadAsync(
            s => s.Scalar<double>("SELECT SUM(LENGTH(body) + LENGTH(thin)) * 1.0 / SUM(count) FROM chunk"),
            cancellation
        );
        report.Add(new Measure("stored, single precision noise", "bytes/point", bytes, Expected: "≤ 8"));
        foreach (var run in runs[1..Runs])
        {
            await store.WriteAsync(tx => Copy(tx, runs[0], run), Lane.Bulk, cancellation);
        }
    }

    private static async Task WriteAsync(SqliteStore store, string run, string[] names, int count)
    {
        var random = new Random(1);
        for (var from = 0; from < count * names.Length; from += BatchSize)
        {
            var points = Enumerable.Range(from, BatchSize).Select(Point).ToList();
            await store.WriteAsync(
                tx =>
                {
                    MetricWriter.Append(tx, run, points);
                    return 0;
                },
                Lane.Bulk
            );
        }

        MetricPoint Point(int i)
        {
            var step = i / names.Length;
            var value = (float)((2 / (1 + (step / 1e3))) + (random.NextDouble() * 0.1));
            return new MetricPoint(names[i % names.Length], step, (step * 100_000L) + (random.Next(5) * 1000), value);
        }
    }

    private static int Copy(ITransaction tx, string from, string to) =>
        tx.Execute(
            """
            INSERT INTO series (run, name, number, count, last, last_step, last_time, min, max)
            SELECT @To, name, number, count, last, last_step, last_time, min, max FROM series WHERE run = @From
            """,
            new { From = from, To = to }
        )
        + tx.Execute(
            """
            INSERT INTO chunk (run, number, count, first_step, first_time, first_value, last_step, last_time, last_value,
                min_time, max_time, arrived, thin, body)
            SELECT @To, number, count, first_step, first_time, first_value, last_step, last_time, last_value,
                min_time, max_time, arrived, thin, body FROM chunk WHERE run = @From
            """,
            new { From = from, To = to }
        );
}
