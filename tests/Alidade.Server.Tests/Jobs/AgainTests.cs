using System.Text.Json.Nodes;
using Alidade.Server.Tests.Artifacts;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Tests.MLflow;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Jobs;

/// <summary>What a job shows once it was begun again: the last attempt, and where the others' records are.</summary>
public sealed class AgainTests
{
    private static readonly string[] First =
    [
        """{"n":1,"t":1,"k":"start","pid":1,"level":"L0"}""",
        """{"n":2,"t":2,"k":"metric","name":"acc","value":0.1,"step":7}""",
        """{"n":3,"t":2,"k":"metric","name":"old","value":5,"step":1}""",
        """{"n":4,"t":3,"k":"result","name":"only first","value":"stale"}""",
        """{"n":5,"t":3,"k":"result","name":"score","value":1}""",
        """{"n":6,"t":3,"k":"parameter","name":"moment","value":"morning"}""",
    ];

    private static readonly string[] Second =
    [
        """{"n":1,"t":1,"k":"start","pid":2,"level":"L0"}""",
        """{"n":2,"t":2,"k":"metric","name":"acc","value":0.9,"step":0}""",
        """{"n":3,"t":3,"k":"result","name":"score","value":2}""",
    ];

    [Theory]
    [InlineData(Dialect.Sqlite, false)]
    [InlineData(Dialect.Sqlite, true)]
    [InlineData(Dialect.Postgres, false)]
    [InlineData(Dialect.Postgres, true)]
    public async Task It_shows_its_last_attempt_and_loses_none(Dialect dialect, bool compacted)
    {
        await using var world = await QueueWorld.StartAsync(dialect);
        var series = world.Server.Service<Stores>().Series;
        var mlflow = new TrackingClient(world.User);
        var worker = await world.WorkerAsync("w");
        var job = await world.SubmitAsync();
        var grant = (await QueueWorld.ClaimAsync(worker))[0]!;
        var run = grant["run"]!.GetValue<string>();
        await SendAsync(worker.Client, grant, First);
        if (compacted)
        {
            while (await Compaction.StepAsync(series, run)) { }
        }

        await QueueWorld.FinishAsync(worker, grant, "failed", lastEvent: First.Length);
        await world.User.PostJsonAsync($"/api/v1/jobs/{job}/requeue", null);
        grant = (await QueueWorld.ClaimAsync(worker))[0]!;
        Assert.Empty((await MetricsAsync(mlflow, run)).AsArray());
        await mlflow.ParamAsync(run, "moment", "evening");
        await SendAsync(worker.Client, grant, Second);
        await QueueWorld.FinishAsync(worker, grant, "finished", lastEvent: Second.Length);

        var record = await world.User.GetJsonAsync($"/api/v1/jobs/{job}/record");
        var kept = record["attempts"]![0]!["run"]!.GetValue<string>();
        Assert.Null(record["attempts"]![1]!["run"]);
        Assert.Equal("acc=0.9", Said(await MetricsAsync(mlflow, run)));
        Assert.Equal("acc=0.1 old=5", Said(await MetricsAsync(mlflow, kept)));
        Assert.Equal("score=2 moment=evening", await ShownAsync(world, run));
        Assert.Equal("only first=stale score=1 moment=morning", await ShownAsync(world, kept));
        var info = (await mlflow.GetAsync($"runs/get?run_id={kept}"))["run"]!;
        Assert.Equal(
            ("FAILED", $"job {job}, attempt 1"),
            (Text(info["info"]!, "status"), Text(info["info"]!, "run_name"))
        );
        while (await Compaction.StepAsync(series, run) || await Compaction.StepAsync(series, kept)) { }
        Assert.Equal((1, 1), (await PointsAsync(run), await PointsAsync(kept)));

        Task<int> PointsAsync(string of) => series.ReadAsync(s => MetricReader.All(s, of, "acc").Count);
    }

    private static async Task SendAsync(HttpClient worker, JsonNode grant, string[] events)
    {
        using var lines = new StringContent(string.Concat(events.Select(e => e + "\n")));
        var path = $"/api/v1/worker/attempts/{grant["attempt"]}/events?fence={grant["fence"]}";
        using var answer = await worker.PostAsync(new Uri(path, UriKind.Relative), lines);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<JsonNode> MetricsAsync(TrackingClient mlflow, string run) =>
        (await mlflow.GetAsync($"runs/get?run_id={run}"))["run"]!["data"]!["metrics"] ?? new JsonArray();

    private static async Task<string> ShownAsync(QueueWorld world, string run)
    {
        var view = await world.User.GetJsonAsync($"/api/v1/runs/{run}");
        return string.Join(
            ' ',
            view["results"]!.AsObject().Concat(view["parameters"]!.AsObject()).Select(v => $"{v.Key}={v.Value}")
        );
    }

    private static string Said(JsonNode metrics) =>
        string.Join(' ', metrics.AsArray().Select(m => $"{m!["key"]}={m["value"]}").Order());

    private static string Text(JsonNode node, string member) => node[member]!.GetValue<string>();
}
