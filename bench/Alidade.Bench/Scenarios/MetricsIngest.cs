using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Alidade.Bench.Measuring;
using Alidade.Bench.Servers;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;
using Alidade.Testing;

namespace Alidade.Bench.Scenarios;

/// <summary>
/// Points durable before the answer: in batches into the store beside the bare store, over HTTP as MLflow's clients send
/// them, and one at a time beside a bare web server that writes one row.
/// </summary>
internal sealed class MetricsIngest : IScenario
{
    private const int BatchSize = 1000;
    private const int Connections = 8;
    private const int Names = 5;

    /// <summary>More than a connection sends while it is measured.</summary>
    private const int MadeBodies = 2000;
    private const string RunAt = "{\"run_id\":\"";
    private const string LogMetric = "api/2.0/mlflow/runs/log-metric";
    private const string LogBatch = "api/2.0/mlflow/runs/log-batch";

    /// <summary>Until the bench has compiled what is hot.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);

    /// <summary>Until the server has compiled what is hot.</summary>
    private static readonly TimeSpan WarmUpOfServer = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(4);

    public string Name => "metrics-ingest";

    public string About =>
        $"metric points, durable before the answer: batches of {BatchSize} from {Connections} connections, and single";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        await using var sqlite = new SqliteTestStore();
        await using (var store = await sqlite.OpenAsync("series"))
        {
            var rate = await StoreAsync(report, store, "SQLite", floor: null, "≥ 500,000/s, ≥ 0.5 × floor");
            await using var postgres = new PostgresTestStore();
            await using var other = await postgres.OpenAsync("series");
            await StoreAsync(report, other, "PostgreSQL", rate, "≥ 0.5 × SQLite");
        }

        await HttpAsync(report, cancellation);
        await OnPostgresAsync(report, cancellation);
        report.Note("The load comes from the bench itself, on the same cores. PostgreSQL runs without fsync here.");
    }

    /// <returns>Points a second.</returns>
    private static async Task<double> StoreAsync(
        Report report,
        IStore store,
        string name,
        double? floor,
        string expected
    )
    {
        var bare = floor ?? await BareAsync(report, store, name);
        await BatchesAsync(store, "warm up", WarmUp);
        var (rate, processor, batches) = await BatchesAsync(store, "measured", Measured);
        report.Add(new Measure($"{name}, batches", "points/s", rate, Count: batches, Floor: bare, Expected: expected));
        report.Add(new Measure($"{name}, processor time", "µs/batch", processor, Count: batches));
        return rate;
    }

    /// <summary>Two floors of the same store: a row for each batch with as many bytes, and a row for each point.</summary>
    private static async Task<double> BareAsync(Report report, IStore store, string name)
    {
        await store.WriteAsync(tx =>
            tx.Execute("CREATE TABLE bare_batch (run TEXT, body BLOB)")
            + tx.Execute("CREATE TABLE bare_point (run TEXT, name TEXT, step INTEGER, time INTEGER, value REAL)")
        );
        var body = new byte[BatchSize * 12];
        new Random(1).NextBytes(body);
        var used = Environment.CpuUsage.TotalTime;
        var batches = await ManyAsync(
            Measured,
            (_, _) =>
                store.WriteAsync(
                    tx => tx.Execute("INSERT INTO bare_batch VALUES (@Run, @Body)", new { Run = "bare", Body = body }),
                    Lane.Bulk
                )
        );
        used = Environment.CpuUsage.TotalTime - used;
        var rows = await ManyAsync(
            Measured,
            (connection, batch) =>
                store.WriteAsync(
                    tx =>
                    {
                        foreach (var p in Batch(batch))
                        {
                            tx.Execute(
                                "INSERT INTO bare_point VALUES ('bare', @Name, @Step, @Time, @Value)",
                                new
                                {
                                    p.Name,
                                    p.Step,
                                    p.Time,
                                    p.Value,
                                }
                            );
                        }

                        return connection;
                    },
                    Lane.Bulk
                )
        );
        report.Add(new Measure($"bare {name}, a row each batch", "points/s", Rate(batches), Count: batches));
        report.Add(
            new Measure($"bare {name}, processor time", "µs/batch", used.TotalMicroseconds / batches, Count: batches)
        );
        report.Add(new Measure($"bare {name}, a row each point", "points/s", Rate(rows), Count: rows));
        return Rate(batches);
    }

    private static async Task<(double Rate, double Processor, int Batches)> BatchesAsync(
        IStore store,
        string run,
        TimeSpan length
    )
    {
        var used = Environment.CpuUsage.TotalTime;
        var batches = await ManyAsync(
            length,
            (connection, batch) =>
            {
                var points = MetricBatch.Of(Batch(batch));
                return store.WriteAsync(
                    tx =>
                    {
                        MetricWriter.Append(tx, $"{run} {connection}", points);
                        return 0;
                    },
                    Lane.Bulk
                );
            }
        );
        used = Environment.CpuUsage.TotalTime - used;
        return (batches * BatchSize / length.TotalSeconds, used.TotalMicroseconds / batches, batches);
    }

    private static async Task HttpAsync(Report report, CancellationToken cancellation)
    {
        await using var server = await AlidadeServer.StartAsync(level: null, cancellation);
        await using var bare = await BareKestrel.StartWithStoreAsync();
        using var http = HttpLoad.NewHttp(server.Process.Address, server.Client.Session());
        using var bareHttp = HttpLoad.NewHttp(bare.Address, null);
        var runs = await NewRunsAsync(http, cancellation);

        // First, for compaction of what batches leave would take from the server's time and not from the floor's.
        await SinglesAsync(report, "SQLite", http, bareHttp, runs, 1, "≥ 0.7 × floor");
        await SinglesAsync(report, "SQLite", http, bareHttp, runs, Connections, "≥ 0.7 × floor");

        var sent = new int[Connections];
        await BatchesOverHttpAsync(http, runs, sent, WarmUpOfServer);
        var used = server.Process.ProcessorTime;
        var batches = await BatchesOverHttpAsync(http, runs, sent, Measured);
        used = server.Process.ProcessorTime - used;
        report.Add(new Measure("log-batch over HTTP", "points/s", Rate(batches), Count: batches));
        report.Add(new Measure("log-batch, processor time", "µs/call", used * 1000 / batches, Count: batches));
    }

    private static async Task OnPostgresAsync(Report report, CancellationToken cancellation)
    {
        await using var server = await AlidadeServer.StartFilledAsync(
            await PostgresServer.NewDatabaseAsync(),
            (_, _, _) => Task.CompletedTask,
            cancellation
        );
        await using var bare = await BareKestrel.StartWithStoreAsync(await PostgresServer.NewDatabaseAsync());
        using var http = HttpLoad.NewHttp(server.Process.Address, server.Client.Session());
        using var bareHttp = HttpLoad.NewHttp(bare.Address, null);
        var runs = await NewRunsAsync(http, cancellation);
        await SinglesAsync(report, "PostgreSQL", http, bareHttp, runs, Connections, "≥ 0.35 × floor");
    }

    private static async Task<string[]> NewRunsAsync(HttpClient http, CancellationToken cancellation)
    {
        var runs = new string[Connections];
        for (var i = 0; i < runs.Length; i++)
        {
            runs[i] = await NewRunAsync(http, cancellation);
        }

        return runs;
    }

    /// <summary>Single calls, beside a bare web server that writes a row of the same store for each.</summary>
    private static async Task SinglesAsync(
        Report report,
        string store,
        HttpClient http,
        HttpClient bareHttp,
        string[] runs,
        int connections,
        string expected
    )
    {
        await SinglesAsync(bareHttp, "", runs, connections, WarmUpOfServer);
        await SinglesAsync(http, LogMetric, runs, connections, WarmUpOfServer);
        var floor = await SinglesAsync(bareHttp, "", runs, connections, Measured);
        var calls = await SinglesAsync(http, LogMetric, runs, connections, Measured);
        report.Add(
            new Measure(
                $"log-metric, {store}, {connections} connections",
                "calls/s",
                calls / Measured.TotalSeconds,
                Count: calls,
                Floor: floor / Measured.TotalSeconds,
                Expected: expected
            )
        );
    }

    /// <summary>Each connection logs to a run of its own, and its steps go on as those of a script do.</summary>
    private static Task<int> BatchesOverHttpAsync(HttpClient http, string[] runs, int[] sent, TimeSpan length) =>
        ManyAsync(
            length,
            (connection, _) => SendAsync(http, LogBatch, Body(runs[connection], sent[connection]++ % MadeBodies))
        );

    /// <summary>A body made before, with the id of the run in its place.</summary>
    private static byte[] Body(string run, int batch)
    {
        var body = Bodies.Value[batch].ToArray();
        Encoding.UTF8.GetBytes(run, body.AsSpan(RunAt.Length));
        return body;
    }

    private static byte[] Body(IEnumerable<MetricPoint> points)
    {
        var metrics = points.Select(p =>
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"key":"{{p.Name}}","value":{{p.Value}},"timestamp":{{p.Time / 1000}},"step":{{p.Step}}}"""
            )
        );
        return Encoding.UTF8.GetBytes($"{RunAt}{new string('0', 32)}\",\"metrics\":[{string.Join(',', metrics)}]}}");
    }

    private static Task<int> SinglesAsync(
        HttpClient http,
        string path,
        string[] runs,
        int connections,
        TimeSpan length
    ) =>
        ManyAsync(
            length,
            (connection, call) =>
                SendAsync(
                    http,
                    path,
                    Utf8(
                        $$"""{"run_id":"{{runs[connection]}}","key":"loss","value":{{Math.Sin(call)}},"timestamp":{{call}},"step":{{call}}}"""
                    )
                ),
            connections
        );

    /// <summary>The same over several connections at once, for a while.</summary>
    /// <param name="one">Given the connection and the number of the call on it.</param>
    private static async Task<int> ManyAsync(
        TimeSpan length,
        Func<int, int, Task<int>> one,
        int connections = Connections
    )
    {
        var begun = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(
            Enumerable
                .Range(0, connections)
                .Select(connection =>
                    Task.Run(async () =>
                    {
                        var count = 0;
                        for (; Stopwatch.GetElapsedTime(begun) < length; count++)
                        {
                            await one(connection, count);
                        }

                        return count;
                    })
                )
        );
        return counts.Sum();
    }

    private static byte[] Utf8(FormattableString json) =>
        Encoding.UTF8.GetBytes(json.ToString(CultureInfo.InvariantCulture));

    private static async Task<int> SendAsync(HttpClient http, string path, byte[] json)
    {
        using var content = new ByteArrayContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await http.PostAsync(path, content);
        response.EnsureSuccessStatusCode();
        return 1;
    }

    internal static async Task<string> NewRunAsync(HttpClient http, CancellationToken cancellation)
    {
        using var content = new StringContent("""{"experiment_id":"0"}""", Encoding.UTF8, "application/json");
        using var response = await http.PostAsync("api/2.0/mlflow/runs/create", content, cancellation);
        response.EnsureSuccessStatusCode();
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellation))!;
        return answer["run"]!["info"]!["run_id"]!.GetValue<string>();
    }

    /// <summary>Made before, so that making them is not measured.</summary>
    private static readonly IReadOnlyList<IReadOnlyList<MetricPoint>> Made = [.. Make(64)];

    private static readonly Lazy<IReadOnlyList<byte[]>> Bodies = new(() => [.. Make(MadeBodies).Select(Body)]);

    private static IReadOnlyList<MetricPoint> Batch(int batch) => Made[batch % Made.Count];

    private static IEnumerable<MetricPoint[]> Make(int batches)
    {
        string[] names = [.. Enumerable.Range(0, Names).Select(i => $"metric {i}")];
        return Enumerable
            .Range(0, batches * BatchSize)
            .Select(i => new MetricPoint(names[i % Names], i / Names, i * 1000L, Math.Sin(i)))
            .Chunk(BatchSize);
    }

    private static double Rate(int batches) => batches * BatchSize / Measured.TotalSeconds;
}
