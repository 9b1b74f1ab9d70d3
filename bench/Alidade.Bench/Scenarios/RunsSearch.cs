using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Alidade.Bench.Measuring;
using Alidade.Bench.Servers;
using Alidade.Storage.Platform;
using Alidade.Storage.Platform.Postgres;
using Alidade.Testing;

namespace Alidade.Bench.Scenarios;

/// <summary>
/// The first page of 100 of many runs by MLflow's search, beside the same 100 runs read by primary key and sent by a bare
/// server. ALIDADE_BENCH_RUNS says how many runs there are, <see cref="KeptFolder"/> how they are kept.
/// </summary>
internal sealed class RunsSearch(Dialect dialect) : IScenario
{
    private const int Page = 100;
    private const int Repeats = 15;

    /// <summary>Rounds before the first is measured: else the shapes that come first pay for the runtime's compiler.</summary>
    private const int WarmUp = 5;
    private const int Named = 3;

    private static readonly int Runs = int.TryParse(
        Environment.GetEnvironmentVariable("ALIDADE_BENCH_RUNS"),
        NumberStyles.None,
        CultureInfo.InvariantCulture,
        out var wanted
    )
        ? wanted
        : 100_000;

    private static readonly (string Name, string Filter, string? Order)[] Shapes =
    [
        ("newest first", "", null),
        ("by a parameter", "params.lr = '0.105'", null),
        ("by a metric, sorted by another", "metrics.acc > 0.9", "metrics.loss ASC"),
        ("sorted by a metric", "", "metrics.acc DESC"),
        ("sorted by a parameter of many values", "", "params.seed ASC"),
        ("sorted by a parameter of 20 values", "", "params.lr DESC"),
        ("oldest first", "", "attributes.start_time ASC"),
        ("a parameter that one run has", "params.seed = '4711'", null),
        ("a parameter that none has", "params.seed = 'none'", null),
        ("two parameters", "params.lr = '0.105' AND params.optimizer = 'sgd'", null),
        ("parameter and metric", "params.optimizer = 'adam' AND metrics.loss < 0.1", null),
        ("a narrow metric range", "metrics.acc > 0.5 AND metrics.acc < 0.5005", "metrics.loss DESC"),
        ("an empty metric range", "metrics.acc > 2", "metrics.loss DESC"),
        ("three metrics", "metrics.acc > 0.5 AND metrics.loss < 0.5 AND metrics.f1 > 0.5", "metrics.auc DESC"),
        ("a tag", "tags.team = 'team 3'", null),
        ("a tag, sorted by a metric", "tags.team = 'team 3'", "metrics.f1 DESC"),
        ("failed", "attributes.status = 'FAILED'", null),
        ("a name", "attributes.run_name = 'run-4711'", null),
        ("LIKE in a parameter", "params.note LIKE '%zebra%'", null),
        ("ILIKE of nothing", "params.note ILIKE '%unicorn%'", null),
    ];

    public string Name => dialect == Dialect.Sqlite ? "runs-search" : "runs-search-postgres";

    public string About =>
        $"first page of {Page} of {Runs.ToString("N0", CultureInfo.InvariantCulture)} runs on {dialect}";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        var seed = new RunSeed(Runs);
        var kept = KeptFolder.Of($"{Name}-{Runs}");
        var postgres =
            dialect == Dialect.Sqlite ? null : KeptFolder.Postgres ?? await PostgresServer.NewDatabaseAsync();
        await using var server = await AlidadeServer.StartFilledAsync(
            postgres,
            (store, user, group) => seed.WriteCoreAsync(store, user, group),
            cancellation,
            async store =>
            {
                await seed.WriteSeriesAsync(store);
                if (store is PostgresStore { Source: var source })
                {
                    await using var vacuum = source.CreateCommand("VACUUM ANALYZE");
                    vacuum.CommandTimeout = 0;
                    await vacuum.ExecuteNonQueryAsync(cancellation);
                }
            },
            kept: kept
        );
        using var http = HttpLoad.NewHttp(server.Process.Address, server.Client.Session());
        var experiment = await ExperimentAsync(http, cancellation);
        var plain = await AskAsync(http, experiment, Shapes[0], cancellation);
        var ids = System
            .Text.Json.JsonDocument.Parse(plain)
            .RootElement.GetProperty("runs")
            .EnumerateArray()
            .Select(r => r.GetProperty("info").GetProperty("run_id").GetString()!)
            .ToArray();
        await using var bare = await BareKestrel.StartAsync(plain);
        using var floorHttp = HttpLoad.NewHttp(bare.Address, null);
        var sent = await TimesAsync(() => floorHttp.GetByteArrayAsync("", cancellation));
        var read = await server.ReadRunsAsync(ids, Repeats);
        var floor = Measure.Of("", "ms", sent).Value + Measure.Of("", "ms", read).Value;
        report.Add(Measure.Of("bare Kestrel, bytes of 100 runs", "ms", sent));
        report.Add(Measure.Of("bare SQL, 100 runs by primary key", "ms", read));
        for (var round = 0; round < WarmUp; round++)
        {
            foreach (var shape in Shapes)
            {
                await AskAsync(http, experiment, shape, cancellation);
            }
        }

        foreach (var (shape, i) in Shapes.Select((shape, i) => (shape, i)))
        {
            await AskAsync(http, experiment, shape, cancellation);
            var used = server.Process.ProcessorTime;
            var times = await TimesAsync(() => AskAsync(http, experiment, shape, cancellation));
            used = server.Process.ProcessorTime - used;
            var expected = $"{(i < Named ? "≤ 20 ms" : "≤ 100 ms")}; {used / times.Count:0.0} ms of processor";
            var measure = Measure.Of(shape.Name, "ms", times, floor, expected);
            Console.Error.WriteLine($"{measure.Name}: {measure.Value:0.0} ms, best {measure.Best:0.0}; {expected}");
            report.Add(measure);
        }
    }

    private static async Task<List<double>> TimesAsync(Func<Task> work)
    {
        var times = new List<double>();
        for (var i = 0; i < Repeats; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            await work();
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        return times;
    }

    /// <summary>The id of the experiment that was filled, now or by an earlier run.</summary>
    private static async Task<string> ExperimentAsync(HttpClient http, CancellationToken cancellation)
    {
        var path = $"api/2.0/mlflow/experiments/get-by-name?experiment_name={RunSeed.Name}";
        var answer = JsonNode.Parse(await http.GetStringAsync(path, cancellation))!;
        return answer["experiment"]!["experiment_id"]!.GetValue<string>();
    }

    private static async Task<byte[]> AskAsync(
        HttpClient http,
        string experiment,
        (string Name, string Filter, string? Order) shape,
        CancellationToken cancellation
    )
    {
        var body = new
        {
            experiment_ids = new[] { experiment },
            filter = shape.Filter,
            max_results = Page,
            order_by = shape.Order is null ? [] : new[] { shape.Order },
        };
        using var response = await http.PostAsJsonAsync("api/2.0/mlflow/runs/search", body, cancellation);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync(cancellation);
    }
}
