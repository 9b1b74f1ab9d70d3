using System.Net;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.MLflow;

/// <summary>What MLflow's own tests of logged models and of the registry look at.</summary>
public sealed class ModelSuiteTests
{
    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task Says_who_measured_a_model_and_on_what(Dialect dialect)
    {
        await using var server = await TestServer.StartAsync(dialect, o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        var mlflow = new TrackingClient(http);
        var experiment = await mlflow.ExperimentAsync("measured");
        var run = await mlflow.RunAsync(experiment);
        var (first, second) = (await LogAsync(mlflow, experiment), await LogAsync(mlflow, experiment));

        Task MeasureAsync(string model, object value, long step, string? dataset) =>
            mlflow.PostAsync(
                "runs/log-metric",
                new
                {
                    run_id = run,
                    key = "acc",
                    value,
                    timestamp = 1,
                    step,
                    model_id = model,
                    dataset_name = dataset,
                    dataset_digest = dataset is null ? null : "d1",
                }
            );

        await MeasureAsync(first, 0.5, step: 2, "test");
        await MeasureAsync(first, 0.9, step: 1, "test");
        await MeasureAsync(first, "NaN", step: 1, dataset: null);
        await MeasureAsync(second, 0.7, step: 1, "train");
        var metrics = (await mlflow.GetAsync($"logged-models/{first}"))["model"]!["data"]!["metrics"]!.AsArray();

        Task<string> FindAsync(string filter, params object[] datasets) =>
            SearchAsync(
                new
                {
                    experiment_ids = new[] { experiment },
                    filter,
                    datasets,
                }
            );

        Task<string> OrderAsync(string? dataset, string? digest = null) =>
            SearchAsync(
                new
                {
                    experiment_ids = new[] { experiment },
                    order_by = new[]
                    {
                        new
                        {
                            field_name = "metrics.acc",
                            ascending = false,
                            dataset_name = dataset,
                            dataset_digest = digest,
                        },
                    },
                }
            );

        async Task<string> SearchAsync(object request)
        {
            var answer = await mlflow.PostAsync("logged-models/search", request);
            var ids = (answer["models"]?.AsArray() ?? []).Select(m => (string?)m!["info"]!["model_id"]);
            return string.Join(' ', ids.Select(id => id == first ? "first" : "second"));
        }

        Assert.Equal(2, metrics.Count);
        Assert.Equal("NaN", (string?)metrics[0]!["value"]);
        Assert.Null(metrics[0]!["dataset_name"]);
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse(
                    $$"""
                    {"key": "acc", "value": 0.5, "timestamp": 1, "step": 2, "model_id": "{{first}}",
                     "dataset_name": "test", "dataset_digest": "d1", "run_id": "{{run}}"}
                    """
                ),
                metrics[1]
            ),
            metrics[1]!.ToJsonString()
        );
        Assert.Equal("first", await FindAsync("", new { dataset_name = "test", dataset_digest = "d1" }));
        Assert.Equal("", await FindAsync("", new { dataset_name = "test", dataset_digest = "d2" }));
        Assert.Equal("second", await FindAsync("metrics.acc > 0.6"));
        Assert.Equal("", await FindAsync("metrics.acc > 0.6", new { dataset_name = "test" }));
        Assert.Equal(
            "second first",
            await FindAsync("", new { dataset_name = "test" }, new { dataset_name = "train" })
        );
        Assert.Equal("first second", await OrderAsync("test"));
        Assert.Equal("second first", await OrderAsync("train"));
        Assert.Equal("second first", await OrderAsync("train", "d1"));
        Assert.Equal("first second", await OrderAsync("test", "d1"));
    }

    [Fact]
    public async Task Gets_a_file_of_a_model_and_lists_its_versions_as_python_writes_them()
    {
        await using var server = await TestServer.StartAsync(change: o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        var mlflow = new TrackingClient(http);
        var model = await LogAsync(mlflow, await mlflow.ExperimentAsync("files"));
        await mlflow.PostAsync("registered-models/create", new { name = "m" });
        using var content = new StringContent("flavors: {}");
        using var put = await http.PutAsync(
            $"/api/2.0/mlflow-artifacts/artifacts/1/models/{model}/artifacts/MLmodel",
            content,
            TestContext.Current.CancellationToken
        );
        foreach (var source in Enumerable.Repeat($"models:/{model}", 2))
        {
            await mlflow.PostAsync("model-versions/create", new { name = "m", source });
        }

        var tags = (await mlflow.GetAsync($"logged-models/{model}"))["model"]!["info"]!["tags"]!;

        Assert.Equal(
            "flavors: {}",
            await http.GetStringAsync(
                $"/ajax-api/2.0/mlflow/logged-models/{model}/artifacts/files?artifact_file_path=MLmodel",
                TestContext.Current.CancellationToken
            )
        );
        Assert.Equal("""[{"name": "m", "version": 1}, {"name": "m", "version": 2}]""", (string?)tags[0]!["value"]);
    }

    [Fact]
    public async Task Versions_come_in_the_order_asked_and_copies_lie_where_their_originals_do()
    {
        await using var server = await TestServer.StartAsync(change: o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        var mlflow = new TrackingClient(http);
        await mlflow.PostAsync("registered-models/create", new { name = "a" });
        await mlflow.PostAsync("registered-models/create", new { name = "b" });
        foreach (var (name, source) in new[] { ("b", "runs:/r/model"), ("a", "models:/b/1"), ("b", "models:/a/1") })
        {
            await mlflow.PostAsync("model-versions/create", new { name, source });
        }

        async Task<string> OrderAsync(string order)
        {
            var answer = await mlflow.GetAsync("model-versions/search?" + order);
            return string.Join(' ', answer["model_versions"]!.AsArray().Select(v => $"{v!["name"]}{v["version"]}"));
        }

        Assert.Equal("b2 a1 b1", await OrderAsync(""));
        Assert.Equal("b2 a1 b1", await OrderAsync("order_by=version_number%20DESC"));
        Assert.Equal("a1 b1 b2", await OrderAsync("order_by=version_number"));
        Assert.Equal("b2 b1 a1", await OrderAsync("order_by=name%20DESC"));
        var found = await mlflow.GetAsync("model-versions/get-download-uri?name=b&version=2");
        Assert.Equal("runs:/r/model", (string?)found["artifact_uri"]);
    }

    [Fact]
    public async Task A_model_changes_when_its_versions_come_move_and_go()
    {
        await using var server = await TestServer.StartAsync(change: o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        var mlflow = new TrackingClient(http);
        await mlflow.PostAsync("registered-models/create", new { name = "m" });

        async Task<long> ChangedAsync() =>
            (long)
                (await mlflow.GetAsync("registered-models/get?name=m"))["registered_model"]!["last_updated_timestamp"]!;

        async Task ChangesAsync(bool expected, HttpMethod method, string path, object body)
        {
            var before = await ChangedAsync();
            await Task.Delay(5, TestContext.Current.CancellationToken);
            await http.SendAsync(method, "/api/2.0/mlflow/model-versions/" + path, body, HttpStatusCode.OK);
            Assert.Equal(expected, await ChangedAsync() > before);
        }

        const string name = "m";
        const string version = "1";
        await ChangesAsync(true, HttpMethod.Post, "create", new { name, source = "runs:/r/m" });
        await ChangesAsync(
            false,
            HttpMethod.Patch,
            "update",
            new
            {
                name,
                version,
                description = "d",
            }
        );
        var stage = new
        {
            name,
            version,
            stage = "Staging",
            archive_existing_versions = false,
        };
        await ChangesAsync(true, HttpMethod.Post, "transition-stage", stage);
        await ChangesAsync(true, HttpMethod.Delete, "delete", new { name, version });
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task A_page_of_models_begins_where_the_last_one_ended_although_its_last_model_changed(Dialect dialect)
    {
        await using var server = await TestServer.StartAsync(dialect, o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        var mlflow = new TrackingClient(http);
        var experiment = await mlflow.ExperimentAsync("pages");
        var models = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            models.Add(await LogAsync(mlflow, experiment));
        }

        var first = await PageAsync(null);
        await http.SendAsync(
            HttpMethod.Patch,
            $"/api/2.0/mlflow/logged-models/{models[1]}",
            new { status = "LOGGED_MODEL_READY" },
            HttpStatusCode.OK
        );
        var second = await PageAsync(first["next_page_token"]);

        Assert.Equal(models[..2], Ids(first));
        Assert.Equal([models[2], models[1]], Ids(second));

        static IEnumerable<string> Ids(JsonNode page) =>
            page["models"]!.AsArray().Select(m => (string)m!["info"]!["model_id"]!);

        Task<JsonNode> PageAsync(JsonNode? token) =>
            mlflow.PostAsync(
                "logged-models/search",
                new
                {
                    experiment_ids = new[] { experiment },
                    order_by = new[] { new { field_name = "last_updated_timestamp", ascending = true } },
                    max_results = 2,
                    page_token = (string?)token,
                }
            );
    }

    [Fact]
    public async Task A_parameter_of_a_logged_model_keeps_its_value()
    {
        await using var server = await TestServer.StartAsync(change: o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        var mlflow = new TrackingClient(http);
        var model = await LogAsync(mlflow, "0");

        foreach (var (value, expected) in new[] { ("1", 200), ("1", 200), ("2", 400) })
        {
            var parameters = new { @params = new[] { new { key = "a", value } } };
            await mlflow.PostAsync($"logged-models/{model}/params", parameters, (HttpStatusCode)expected);
        }

        var kept = (await mlflow.GetAsync($"logged-models/{model}"))["model"]!["data"]!["params"]!;
        Assert.Equal("1", kept[0]!["value"]!.ToString());
    }

    private static async Task<string> LogAsync(TrackingClient mlflow, string experiment)
    {
        var made = await mlflow.PostAsync("logged-models", new { experiment_id = experiment });
        return (string)made["model"]!["info"]!["model_id"]!;
    }
}
