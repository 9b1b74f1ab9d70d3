using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Alidade.EndToEnd.Tests.Support;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;
using Alidade.Storage.Platform.Sqlite;

namespace Alidade.EndToEnd.Tests.Faults;

/// <summary>
/// kill -9 of the server at random moments while scripts log and batches are compacted: every acknowledged point is there,
/// none twice, and a batch that was not acknowledged is there whole or not at all. `./run soak` does it a hundred times.
/// </summary>
[Trait("run", "soak")]
public sealed class MetricKillTests
{
    private const int BatchSize = 500;
    private const int Writers = 4;
    private static readonly string[] Names = ["loss", "acc"];
    private static readonly int Rounds = Environment.GetEnvironmentVariable("ALIDADE_SOAK") == "1" ? 100 : 10;

    [Fact]
    public async Task Every_acknowledged_point_is_there_once()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}, {Rounds} rounds");
        var random = new Random(seed);
        using var folder = new TempFolder();
        var data = folder.In("data");
        var sent = new List<Batch>();
        await using (
            var server = await LiveServer.StartAsync(data, cancellation, "--workers", "0", "--tracking", "anonymous")
        )
        {
            using var http = new HttpClient { BaseAddress = new Uri(server.Url, "/api/2.0/mlflow/") };
            string[] runs = [await RunAsync(http, cancellation), await RunAsync(http, cancellation)];
            for (var round = 0; round < Rounds; round++)
            {
                using var acknowledged = new SemaphoreSlim(0);
                var writing = Enumerable
                    .Range(0, Writers)
                    .Select(w => WriteAsync(http, runs[w % 2], sent, acknowledged))
                    .ToList();
                for (var wanted = random.Next(1, 20); wanted > 0; wanted--)
                {
                    await acknowledged.WaitAsync(cancellation);
                }

                await Task.Delay(random.Next(20), cancellation);
                await server.KillAsync();
                await Task.WhenAll(writing);
                await server.StartAgainAsync(cancellation);
            }
        }

        await CheckAsync(data, sent);
    }

    /// <summary>Sends batches until the server is gone; each has steps of its own.</summary>
    private static async Task WriteAsync(HttpClient http, string run, List<Batch> sent, SemaphoreSlim acknowledged)
    {
        while (true)
        {
            Batch batch;
            lock (sent)
            {
                batch = new Batch(run, sent.Count * BatchSize);
                sent.Add(batch);
            }

            try
            {
                using var response = await http.PostAsJsonAsync("runs/log-batch", batch.Body);
                response.EnsureSuccessStatusCode();
                batch.Acknowledged = true;
                acknowledged.Release();
            }
            catch (HttpRequestException)
            {
                return;
            }
        }
    }

    private static async Task<string> RunAsync(HttpClient http, CancellationToken cancellation)
    {
        using var response = await http.PostAsJsonAsync("runs/create", new { experiment_id = "0" }, cancellation);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellation))!;
        return answer["run"]!["info"]!["run_id"]!.GetValue<string>();
    }

    private static async Task CheckAsync(string data, List<Batch> sent)
    {
        await using var store = SqliteStore.Open(
            Path.Combine(data, "series.db"),
            "series",
            new MonotonicClock(TimeProvider.System),
            e => throw new InvalidOperationException("The store broke.", e)
        );
        foreach (var run in sent.GroupBy(batch => batch.Run))
        {
            var there = new HashSet<long>();
            var points = 0;
            foreach (var name in Names)
            {
                var series = await store.ReadAsync(s => MetricReader.All(s, run.Key, name));
                Assert.Equal(series.Steps.Select(Value), series.Values);
                there.UnionWith(series.Steps);
                points += series.Count;
            }

            // Nothing was sent twice, so what is stored must be as many rows as what is read.
            Assert.Equal(points, there.Count);
            Assert.Equal(points, await StoredAsync(store, run.Key));
            foreach (var batch in run)
            {
                var found = batch.Steps.Count(step => there.Remove(step));
                Assert.True(found == BatchSize || (found == 0 && !batch.Acknowledged), $"{found} of {batch}");
            }

            Assert.Empty(there);
        }
    }

    private static Task<long> StoredAsync(SqliteStore store, string run) =>
        store.ReadAsync(s =>
            s.Scalar<long>("SELECT COALESCE(SUM(count), 0) FROM chunk WHERE run = @Run", new { Run = run })
            + s.Scalar<long>("SELECT COALESCE(SUM(count), 0) FROM segment WHERE run = @Run", new { Run = run })
        );

    private static double Value(long step) => Math.Sqrt(step);

    private sealed record Batch(string Run, long First)
    {
        public bool Acknowledged { get; set; }

        public IEnumerable<long> Steps => Enumerable.Range(0, BatchSize).Select(i => First + i);

        public object Body =>
            new
            {
                run_id = Run,
                metrics = Steps.Select(step => new
                {
                    key = Names[step % Names.Length],
                    value = Value(step),
                    timestamp = step,
                    step,
                }),
            };
    }
}
