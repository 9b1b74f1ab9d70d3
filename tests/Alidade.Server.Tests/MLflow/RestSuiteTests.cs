using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.MLflow;

/// <summary>What MLflow's own tests of its REST API look at, call by call.</summary>
public sealed class RestSuiteTests
{
    private const string Ajax = "/ajax-api/2.0/mlflow/";

    [Fact]
    public async Task Samples_the_steps_of_all_runs_together()
    {
        await using var server = await StartAsync();
        using var http = server.NewClient();
        var mlflow = new TrackingClient(http);
        var experiment = await mlflow.ExperimentAsync("intervals");
        var runs = new[] { await mlflow.RunAsync(experiment), await mlflow.RunAsync(experiment) };
        await LogAsync(mlflow, runs[0], 10, timestamp: 1);
        await LogAsync(mlflow, runs[1], 20, timestamp: 1);

        async Task<string> StepsAsync(string query)
        {
            var answer = await http.GetJsonAsync($"{Ajax}metrics/get-history-bulk-interval?metric_key=a&{query}");
            return string.Join(
                ' ',
                answer["metrics"]!.AsArray().Select(m => $"{Array.IndexOf(runs, (string)m!["run_id"]!)}:{m["step"]}")
            );
        }

        Assert.Equal("0:0 0:2 0:4 0:6 0:8 0:9", await StepsAsync($"run_ids={runs[0]}&max_results=5"));
        Assert.Equal(
            "0:0 0:1 0:2 0:3 0:4",
            await StepsAsync($"run_ids={runs[0]}&max_results=5&start_step=0&end_step=4")
        );
        Assert.Equal(
            "0:0 0:4 0:8 0:9 1:0 1:4 1:8 1:9 1:12 1:16 1:19",
            await StepsAsync($"run_ids={runs[0]}&run_ids={runs[1]}&max_results=5")
        );
        await LogAsync(mlflow, runs[0], 10, timestamp: 2);
        Assert.Equal(
            "0:0 0:0 0:2 0:2 0:4 0:4 0:6 0:6 0:8 0:8 0:9 0:9",
            await StepsAsync($"run_ids={runs[0]}&max_results=5")
        );
    }

    private static readonly (string Path, string Expected)[] Queries =
    [
        ("metrics/get-history-bulk?metric_key=k", "GetMetricHistoryBulk request must specify at least one run_id."),
        ("metrics/get-history-bulk?run_id=1", "GetMetricHistoryBulk request must specify a metric_key."),
        (
            "metrics/get-history-bulk?metric_key=k&MANY",
            "GetMetricHistoryBulk request cannot specify more than 100 run_ids. Received 101 run_ids."
        ),
        ("metrics/get-history-bulk-interval?metric_key=k", "Missing value for required parameter 'run_ids'."),
        ("metrics/get-history-bulk-interval?run_ids=1", "Missing value for required parameter 'metric_key'"),
        (
            "metrics/get-history-bulk-interval?metric_key=k&THOUSAND",
            "GetMetricHistoryBulkInterval request must specify at most 100 run_ids."
        ),
        (
            "metrics/get-history-bulk-interval?run_ids=1&metric_key=k&max_results=0",
            "max_results must be between 1 and 2500"
        ),
        (
            "metrics/get-history-bulk-interval?run_ids=1&metric_key=k&start_step=1&end_step=0",
            "end_step must be greater than start_step. "
        ),
        (
            "metrics/get-history-bulk-interval?run_ids=1&metric_key=k&start_step=1",
            "If either start step or end step are specified, both must be specified."
        ),
        ("artifacts/list?run_id=1&path=../path", "Invalid path"),
        ("/get-artifact?run_id=1&path=../path", "Invalid path"),
        ("//model-versions/get-artifact?name=m&version=1&path=../path", "Invalid path"),
    ];

    [Fact]
    public async Task Says_what_a_query_lacks()
    {
        await using var server = await StartAsync();
        using var http = server.NewClient();
        foreach (var (path, expected) in Queries)
        {
            await RefusedAsync(server, http, path, expected);
        }
    }

    private static async Task RefusedAsync(TestServer server, HttpClient http, string path, string expected)
    {
        static string Many(string name, int count) =>
            string.Join('&', Enumerable.Range(0, count).Select(i => $"{name}=id_{i}"));

        var target = (path[0] == '/' ? path : Ajax + path)
            .Replace("MANY", Many("run_id", 101), StringComparison.Ordinal)
            .Replace("THOUSAND", Many("run_ids", 1000), StringComparison.Ordinal);
        using var response = await http.GetAsync(
            new Uri(server.Address.GetLeftPart(UriPartial.Authority) + target),
            TestContext.Current.CancellationToken
        );
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("INVALID_PARAMETER_VALUE", (string?)answer["error_code"]);
        Assert.Contains(expected, (string?)answer["message"], StringComparison.Ordinal);
    }

    private static readonly (string Path, string Body, string Expected, string Also)[] Bodies =
    [
        (
            "runs/log-batch",
            """{"run_id": "r", "metrics": [{"key": "mae", "value": 2.5}]}""",
            "Missing value for required parameter 'metrics[0].timestamp'",
            """Invalid value [{"key":"mae","value":2.5}] for parameter 'metrics' supplied"""
        ),
        ("runs/log-batch", """{"run_id": "r", "tags": "foo"}""", "Invalid value \"foo\" for parameter 'tags'", ""),
        ("runs/log-inputs", """{"run_id": "r"}""", "Missing value for required parameter 'datasets'", ""),
        ("experiments/create", """{"name": 123}""", "Invalid value 123 for parameter 'name'", ""),
        (
            "experiments/create",
            """{"name": "n", "artifact_location": 9.0}""",
            "Invalid value 9.0 for parameter 'artifact_location'",
            ""
        ),
        ("experiments/search-datasets", "{}", "SearchDatasets request must specify at least one experiment_id.", ""),
        ("upload-artifact", "{}", "Request must specify run_uuid.", ""),
        ("upload-artifact?run_uuid=r&path=", "{}", "Request must specify path.", ""),
        ("upload-artifact?run_uuid=r&path=../x", "{}", "Invalid path", ""),
        ("upload-artifact?run_uuid=r&path=x", "", "Request must specify data.", ""),
    ];

    [Fact]
    public async Task Says_what_a_body_lacks()
    {
        await using var server = await StartAsync();
        using var http = server.NewClient();
        foreach (var (path, body, expected, also) in Bodies)
        {
            await RefusedAsync(http, path, body, expected, also);
        }
    }

    private static async Task RefusedAsync(HttpClient http, string path, string body, string expected, string also)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(Ajax + path, content, TestContext.Current.CancellationToken);
        var message = (string?)
            JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["message"];

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains(also, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/api/2.0/mlflow/nothing")]
    [InlineData("POST", "/ajax-api/2.0/mlflow/nothing")]
    [InlineData("GET", "/ajax-api/3.0/mlflow/nothing")]
    [InlineData("POST", "/v1/traces")]
    public async Task Says_that_there_is_no_such_endpoint(string method, string path)
    {
        await using var server = await StartAsync();
        using var http = server.NewClient();
        var answer = await http.SendAsync(new HttpMethod(method), path, new { }, HttpStatusCode.NotFound);

        Assert.Equal("ENDPOINT_NOT_FOUND", (string?)answer["error_code"]);
    }

    [Fact]
    public async Task Says_that_a_file_is_too_large_to_whoever_is_still_sending_it()
    {
        await using var server = await StartAsync();
        using var http = server.NewClient();
        var mlflow = new TrackingClient(http);
        var run = await mlflow.RunAsync(await mlflow.ExperimentAsync("large"));

        await RefusedAsync(
            http,
            $"upload-artifact?run_uuid={run}&path=x",
            new string('x', 10_485_761),
            "Artifact size is too large",
            ""
        );
    }

    [Fact]
    public async Task Keeps_files_below_the_group_and_finds_datasets_without_a_slash()
    {
        await using var server = await StartAsync();
        using var http = server.NewClient();
        var mlflow = new TrackingClient(http);
        await mlflow.ExperimentAsync("first");
        var experiment = await mlflow.ExperimentAsync("second");
        var run = await mlflow.RunAsync(experiment);
        var found = await mlflow.GetAsync($"experiments/get?experiment_id={experiment}");
        var read = await mlflow.GetAsync($"runs/get?run_id={run}");

        // Below the group, as the recorded conversations of Dioptra expect; the experiment's number would be ours alone.
        Assert.Equal("mlflow-artifacts:/1", (string?)found["experiment"]!["artifact_location"]);
        Assert.Equal($"mlflow-artifacts:/1/{run}/artifacts", (string?)read["run"]!["info"]!["artifact_uri"]);
        await http.PostJsonAsync(
            "/api/2.0mlflow/experiments/search-datasets",
            new { experiment_ids = new[] { experiment } }
        );
    }

    [Fact]
    public async Task Gets_files_of_runs_and_versions_from_the_root()
    {
        await using var server = await StartAsync();
        using var http = server.NewClient();
        var mlflow = new TrackingClient(http);
        var run = await mlflow.RunAsync(await mlflow.ExperimentAsync("files"));
        using var content = new StringContent("hello world");
        using var put = await http.PostAsync(
            $"{Ajax}upload-artifact?run_uuid={run}&path=model/test.txt",
            content,
            TestContext.Current.CancellationToken
        );
        await mlflow.PostAsync("registered-models/create", new { name = "m" });
        await mlflow.PostAsync(
            "model-versions/create",
            new
            {
                name = "m",
                source = $"runs:/{run}/model",
                run_id = run,
            }
        );

        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        foreach (
            var path in new[]
            {
                $"/get-artifact?run_uuid={run}&path=model/test.txt",
                "/model-versions/get-artifact?name=m&version=1&path=test.txt",
            }
        )
        {
            Assert.Equal("hello world", await http.GetStringAsync(path, TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task Keeps_and_finds_traces(Dialect dialect)
    {
        await using var server = await TestServer.StartAsync(dialect, o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        var mlflow = new TrackingClient(http);
        var experiment = await mlflow.ExperimentAsync("traces");
        var started = await mlflow.PostAsync(
            "traces",
            new
            {
                experiment_id = experiment,
                timestamp_ms = 1000,
                request_metadata = new[] { new { key = "a", value = "apple" } },
                tags = new[] { new { key = "t", value = "football" } },
            }
        );
        var first = (string)started["trace_info"]!["request_id"]!;
        var ended = await http.SendAsync(
            HttpMethod.Patch,
            $"/api/2.0/mlflow/traces/{first}",
            new
            {
                timestamp_ms = 3000,
                status = "OK",
                request_metadata = new[] { new { key = "b", value = "banana" } },
                tags = new[] { new { key = "t", value = "soccer" } },
            },
            HttpStatusCode.OK
        );
        Assert.Equal(2000, (long)ended["trace_info"]!["execution_time_ms"]!);
        Assert.Equal("OK", (string?)ended["trace_info"]!["status"]);
        var saved = new
        {
            trace = new
            {
                trace_info = new
                {
                    trace_id = "tr-" + new string('0', 32),
                    trace_location = new
                    {
                        type = "MLFLOW_EXPERIMENT",
                        mlflow_experiment = new { experiment_id = experiment },
                    },
                    client_request_id = "mine",
                    request_time = "2026-01-31T12:00:00.5Z",
                    execution_duration = "1.5s",
                    state = "ERROR",
                    trace_metadata = new { kind = "new" },
                    tags = new { t = "tennis" },
                },
            },
        };
        await http.PostJsonAsync("/api/3.0/mlflow/traces", saved);
        var again = await http.PostJsonAsync("/api/3.0/mlflow/traces", saved);
        Assert.Equal("2026-01-31T12:00:00.500Z", (string?)again["trace"]!["trace_info"]!["request_time"]);
        Assert.Equal("1.5s", (string?)again["trace"]!["trace_info"]!["execution_duration"]);

        async Task<string> FindAsync(string filter, string order = "timestamp DESC")
        {
            var answer = await http.PostJsonAsync(
                "/api/3.0/mlflow/traces/search",
                new
                {
                    locations = new[] { new { mlflow_experiment = new { experiment_id = experiment } } },
                    filter,
                    order_by = new[] { order },
                }
            );
            return string.Join(' ', (answer["traces"]?.AsArray() ?? []).Select(t => (string?)t!["state"]));
        }

        Assert.Equal("ERROR OK", await FindAsync(""));
        Assert.Equal("OK ERROR", await FindAsync("", "timestamp ASC"));
        Assert.Equal("OK", await FindAsync("status = 'OK' AND tags.t = 'soccer' AND metadata.b LIKE 'ban%'"));
        Assert.Equal("ERROR", await FindAsync("client_request_id = 'mine' AND trace.end_time_ms = 1769860802000"));
        Assert.Equal("OK", await FindAsync("client_request_id IS NULL AND end_time < 1769860802000"));
        Assert.Equal("", await FindAsync("timestamp > 1 AND tags.t != 'tennis' AND state = 'ERROR'"));
        var spans = $"/api/2.0/mlflow-artifacts/artifacts/1/traces/{first}/artifacts/traces.json";
        using var content = new StringContent("{}");
        using var put = await http.PutAsync(spans, content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        Assert.Equal(
            "{}",
            await http.GetStringAsync(
                $"{Ajax}get-trace-artifact?request_id={first}",
                TestContext.Current.CancellationToken
            )
        );
        var old = await PageAsync(null);
        var gone = await mlflow.PostAsync(
            "traces/delete-traces",
            new { experiment_id = experiment, max_timestamp_millis = 5000 }
        );
        Assert.Equal(1, (int)gone["traces_deleted"]!);
        Assert.Equal("OK", (string?)old["traces"]![0]!["state"]);
        Assert.Equal("ERROR", (string?)(await PageAsync(old["next_page_token"]))["traces"]![0]!["state"]);

        // Whoever deletes what a page has goes on with the next one.
        Task<JsonNode> PageAsync(JsonNode? token) =>
            http.PostJsonAsync(
                "/api/3.0/mlflow/traces/search",
                new
                {
                    locations = new[] { new { mlflow_experiment = new { experiment_id = experiment } } },
                    order_by = new[] { "timestamp ASC" },
                    max_results = 1,
                    page_token = (string?)token,
                }
            );

        await mlflow.GetAsync($"traces/{first}/info", HttpStatusCode.NotFound);
    }

    private static async Task LogAsync(TrackingClient mlflow, string run, int count, long timestamp)
    {
        var metrics = Enumerable
            .Range(0, count)
            .Select(step => new
            {
                key = "a",
                value = 10.0,
                timestamp,
                step,
            });
        await mlflow.PostAsync("runs/log-batch", new { run_id = run, metrics });
    }

    private static Task<TestServer> StartAsync() =>
        TestServer.StartAsync(change: o => o with { Tracking = "anonymous" });
}
