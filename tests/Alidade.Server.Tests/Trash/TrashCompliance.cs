using System.Net;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Artifacts;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Tests.MLflow;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Trash;

/// <summary>Deleting, restoring and purging, alike on both databases.</summary>
public abstract class TrashCompliance(Dialect dialect) : IAsyncLifetime
{
    private TestServer _server = null!;
    private HttpClient _client = null!;
    private TrackingClient _tracking = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(dialect);
        _client = await _server.SignInAsync("ada");
        _tracking = new TrackingClient(_client);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_deleted_experiment_frees_its_name_and_comes_back_with_its_runs_when_that_is_free()
    {
        var first = await _tracking.ExperimentAsync("digits");
        var (run, earlier) = (await _tracking.RunAsync(first), await _tracking.RunAsync(first));
        await DeleteRunAsync(earlier);
        await _client.DeleteJsonAsync($"/api/v1/experiments/{first}");
        var second = (await _client.PostJsonAsync("/api/v1/experiments", new { name = "digits", group = 1 })).Id();

        var trash = await TrashAsync();
        var refused = await RestoreAsync("experiments", first, HttpStatusCode.BadRequest);
        var alone = await RestoreAsync("runs", run, HttpStatusCode.BadRequest);
        await _tracking.PostAsync("runs/restore", new { run_id = run }, HttpStatusCode.BadRequest);
        await _client.PostJsonAsync($"/api/v1/runs/{run}/restore", null, HttpStatusCode.BadRequest);
        await _client.PutJsonAsync($"/api/v1/experiments/{second}", new { name = "other" });
        await RestoreAsync("experiments", first);
        await RestoreAsync("experiments", first, HttpStatusCode.BadRequest);

        // Of the runs the list shows only the one that went by itself.
        Assert.Equal([$"experiment {first}", $"run {earlier}"], trash.Select(t => $"{t["kind"]} {t["id"]}"));
        Assert.Contains("Rename or delete", refused["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Contains("Restore that first", alone["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal("active", await StageAsync(run));
        Assert.Equal("deleted", await StageAsync(earlier));
        await _tracking.PostAsync("runs/restore", new { run_id = earlier });
        Assert.Empty(await TrashAsync());
    }

    [Fact]
    public async Task Purging_gives_back_the_bytes_that_nothing_else_holds()
    {
        var experiment = await _tracking.ExperimentAsync("digits");
        var (run, other) = (await _tracking.RunAsync(experiment), await _tracking.RunAsync(experiment));
        await _tracking.LogAsync(run, "loss", 0.5);
        await PutAsync(run, "own.bin", new string('a', 10_000));
        await PutAsync(run, "shared.bin", new string('b', 20_000));
        await PutAsync(other, "also.bin", new string('b', 20_000));
        await DeleteRunAsync(run);
        Assert.Equal(0, (await SweepAsync())["blobs"]!.GetValue<int>());

        await _client.DeleteJsonAsync($"/api/v1/trash/runs/{run}");
        var swept = await SweepAsync();
        var again = await SweepAsync();

        Assert.Equal((1, 10_000), (swept["blobs"]!.GetValue<int>(), swept["bytes"]!.GetValue<int>()));
        Assert.Equal(0, again["bytes"]!.GetValue<int>());
        await _tracking.GetAsync($"runs/get?run_id={run}", HttpStatusCode.NotFound);
        await _client.PostJsonAsync($"/api/v1/trash/runs/{run}/restore", null, HttpStatusCode.NotFound);
        Assert.Equal(20_000, (await GetAsync(other, "also.bin")).Length);
        Assert.Equal(0, await RowsAsync("series", run));
    }

    [Fact]
    public async Task Artifacts_and_models_are_deleted_restored_and_purged_from_the_leaves_up()
    {
        var job = await _server.NewJobAsync(_client);
        var artifact = await job.NewArtifactAsync("net.bin", new string('c', 5_000));
        var model = (await _client.PostJsonAsync("/api/v1/models", new { name = "net", group = 1 })).Id();
        await _client.PostJsonAsync($"/api/v1/models/{model}/versions", new { artifact });
        await _client.PutJsonAsync($"/api/v1/models/{model}/aliases/best", new { version = 1 });

        var used = await _client.SendAsync(
            HttpMethod.Delete,
            $"/api/v1/artifacts/{artifact}",
            null,
            HttpStatusCode.BadRequest
        );
        var version = (await _client.DeleteJsonAsync($"/api/v1/models/{model}/versions/1"))["id"]![0]!.GetValue<long>();
        await _client.DeleteJsonAsync($"/api/v1/models/{model}");
        await RestoreAsync("modelVersions", version, HttpStatusCode.BadRequest);
        await RestoreAsync("models", model);
        await RestoreAsync("modelVersions", version);
        await _client.GetJsonAsync($"/api/v1/models/{model}/versions/1");
        var alias = Assert.Single((await _client.GetJsonAsync($"/api/v1/models/{model}/aliases")).AsArray());
        Assert.Equal("best", alias!["alias"]!.ToString());
        await _client.DeleteJsonAsync($"/api/v1/models/{model}");
        await _client.DeleteJsonAsync($"/api/v1/trash/models/{model}");
        await _client.PostJsonAsync($"/api/v1/trash/models/{model}/restore", null, HttpStatusCode.NotFound);
        await _client.DeleteJsonAsync($"/api/v1/artifacts/{artifact}");
        Assert.Equal(0, (await SweepAsync())["blobs"]!.GetValue<int>());
        await RestoreAsync("artifacts", artifact);
        await _client.DeleteJsonAsync($"/api/v1/artifacts/{artifact}");
        await _client.DeleteJsonAsync($"/api/v1/trash/artifacts/{artifact}");

        Assert.Contains("net 1", used["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(5_000, (await SweepAsync())["bytes"]!.GetValue<int>());
        Assert.Empty(await TrashAsync());
    }

    [Fact]
    public async Task A_purged_experiment_is_gone_for_trackers_too()
    {
        var experiment = await _tracking.ExperimentAsync("digits");
        await _tracking.PostAsync("experiments/delete", new { experiment_id = experiment });
        await _client.DeleteJsonAsync($"/api/v1/trash/experiments/{experiment}");

        await _tracking.PostAsync("experiments/restore", new { experiment_id = experiment }, HttpStatusCode.NotFound);
        await _tracking.GetAsync($"experiments/get?experiment_id={experiment}", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Files_that_a_registered_version_is_made_of_stay_until_it_is_gone()
    {
        var experiment = await _tracking.ExperimentAsync("digits");
        var run = await _tracking.RunAsync(experiment);
        await PutAsync(run, "model/MLmodel", "a model");
        await _tracking.PostAsync("registered-models/create", new { name = "net" });
        var made = new
        {
            name = "net",
            source = $"runs:/{run}/model",
            run_id = run,
        };
        await _tracking.PostAsync("model-versions/create", made);
        await DeleteRunAsync(run);
        var shown = Assert.Single(await TrashAsync());

        var refused = await PurgeAsync("runs", run, HttpStatusCode.BadRequest);
        await _client.DeleteJsonAsync($"/api/v1/experiments/{experiment}");
        var all = await PurgeAsync("experiments", experiment, HttpStatusCode.BadRequest);
        const long Long = 31 * 86_400_000_000L;
        await _server
            .Service<Stores>()
            .Core.WriteAsync(t =>
                t.Execute("UPDATE run SET deleted = deleted - @Long", new { Long })
                + t.Execute("UPDATE resource SET deleted = deleted - @Long", new { Long })
            );
        await SweepAsync();

        Assert.Null(shown["purgedOn"]);
        Assert.Contains("net 1 is made of files", refused["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Contains("net 1 is made of files", all["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal("a model", await GetAsync(run, "model/MLmodel"));

        var model = (await _client.GetJsonAsync("/api/v1/models?search=name:net"))["data"]![0]!.Id();
        await _client.DeleteJsonAsync($"/api/v1/models/{model}");
        await PurgeAsync("models", model);
        await PurgeAsync("experiments", experiment);
    }

    [Fact]
    public async Task What_has_been_in_the_trash_long_enough_is_purged_by_the_sweep()
    {
        var experiment = await _tracking.ExperimentAsync("digits");
        var run = await _tracking.RunAsync(experiment);
        var kept = await _tracking.RunAsync(experiment);
        await PutAsync(run, "own.bin", "bytes");
        await DeleteRunAsync(run);
        await DeleteRunAsync(kept);
        await _server
            .Service<Stores>()
            .Core.WriteAsync(t =>
                t.Execute(
                    "UPDATE run SET deleted = deleted - @Long WHERE id = @run",
                    new { run, Long = 31 * 86_400_000_000L }
                )
            );

        var swept = await SweepAsync();

        Assert.Equal((1, 1), (swept["runs"]!.GetValue<int>(), swept["blobs"]!.GetValue<int>()));
        Assert.Equal([kept], (await TrashAsync()).Select(t => t["id"]!.ToString()));
    }

    [Fact]
    public async Task Files_put_while_the_sweep_runs_are_never_lost()
    {
        var experiment = await _tracking.ExperimentAsync("digits");
        var run = await _tracking.RunAsync(experiment);
        using var done = new CancellationTokenSource();
        var swept = 0L;
        var sweeping = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                var answer = await _client.PostJsonAsync("/api/v1/trash/sweep", new { graceHours = 1 });
                swept += answer["blobs"]!.GetValue<long>();
            }
        });
        for (var i = 0; i < 200 && (i < 30 || Interlocked.Read(ref swept) == 0); i++)
        {
            // The same content comes and goes and is old each time, so that the sweep takes it when it has no owner.
            await PutAsync(run, "same.bin", "same content");
            Assert.Equal("same content", await GetAsync(run, "same.bin"));
            await _client.DeleteJsonAsync($"/api/2.0/mlflow-artifacts/artifacts/1/{run}/artifacts/same.bin");
            Age();
        }

        await done.CancelAsync();
        await sweeping;
        Assert.NotEqual(0, swept);
    }

    private Task<JsonNode> PurgeAsync(string kind, object id, HttpStatusCode expected = HttpStatusCode.OK) =>
        _client.SendAsync(HttpMethod.Delete, $"/api/v1/trash/{kind}/{id}", null, expected);

    private Task DeleteRunAsync(string run) => _tracking.PostAsync("runs/delete", new { run_id = run });

    private async Task<IReadOnlyList<JsonNode>> TrashAsync() =>
        [.. (await _client.GetJsonAsync("/api/v1/trash"))["data"]!.AsArray().Select(t => t!)];

    private Task<JsonNode> RestoreAsync(string kind, object id, HttpStatusCode expected = HttpStatusCode.OK) =>
        _client.PostJsonAsync($"/api/v1/trash/{kind}/{id}/restore", null, expected);

    /// <summary>A sweep after the grace time of what is here now.</summary>
    private Task<JsonNode> SweepAsync()
    {
        Age();
        return _client.PostJsonAsync("/api/v1/trash/sweep", new { graceHours = 1 });
    }

    private void Age()
    {
        var root = new DirectoryInfo(_server.Service<DataFolder>().Blobs);
        foreach (var blob in root.EnumerateDirectories("??").SelectMany(folder => folder.GetFiles()))
        {
            File.SetLastWriteTimeUtc(blob.FullName, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-2));
        }
    }

    private async Task<string> StageAsync(string run) =>
        (await _tracking.GetAsync($"runs/get?run_id={run}"))["run"]!["info"]!["lifecycle_stage"]!.ToString();

    private async Task PutAsync(string run, string path, string content)
    {
        using var answer = await _client.PutAsync(
            $"/api/2.0/mlflow-artifacts/artifacts/1/{run}/artifacts/{path}",
            new StringContent(content)
        );
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private Task<string> GetAsync(string run, string path) =>
        _client.GetStringAsync($"/api/2.0/mlflow-artifacts/artifacts/1/{run}/artifacts/{path}");

    private Task<long> RowsAsync(string table, string run) =>
        _server
            .Service<Stores>()
            .Series.ReadAsync(s => s.Scalar<long>($"SELECT COUNT(*) FROM {table} WHERE run = @run", new { run }));
}

public sealed class SqliteTrashTests() : TrashCompliance(Dialect.Sqlite);

public sealed class PostgresTrashTests() : TrashCompliance(Dialect.Postgres);
