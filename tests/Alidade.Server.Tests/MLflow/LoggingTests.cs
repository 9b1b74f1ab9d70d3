using System.Net;
using Alidade.Server.Tests.Hosting;

namespace Alidade.Server.Tests.MLflow;

/// <summary>What scripts log is there once, whatever is repeated, and mistakes are said in MLflow's words.</summary>
public sealed class LoggingTests : IAsyncLifetime
{
    private TestServer _server = null!;
    private HttpClient _http = null!;
    private TrackingClient _mlflow = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(change: o => o with { Tracking = "anonymous" });
        _http = _server.NewClient();
        _mlflow = new TrackingClient(_http);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_path_that_takes_other_methods_says_which()
    {
        using var wrong = await _http.GetAsync("/api/2.0/mlflow/runs/create");
        using var nothing = await _http.GetAsync("/api/2.0/mlflow/runs/no-such-call");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, wrong.StatusCode);
        Assert.Equal(["POST"], wrong.Content.Headers.Allow);
        Assert.Contains("GET is not possible", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
    }

    [Fact]
    public async Task A_repeated_call_changes_nothing()
    {
        var run = await _mlflow.RunAsync("0");
        var batch = new
        {
            run_id = run,
            metrics = new[]
            {
                new
                {
                    key = "m",
                    value = "NaN",
                    timestamp = 5,
                    step = 1,
                },
            },
            @params = new[] { new { key = "p", value = "1" } },
            tags = new[] { new { key = "t", value = "x" } },
        };
        await _mlflow.PostAsync("runs/log-batch", batch);
        await _mlflow.PostAsync("runs/log-batch", batch);

        var history = await _mlflow.GetAsync($"metrics/get-history?run_id={run}&metric_key=m");
        Assert.Equal("NaN", Assert.Single(history["metrics"]!.AsArray())!["value"]!.GetValue<string>());
        var refusal = await _mlflow.RefusedAsync(
            "runs/log-batch",
            new
            {
                run_id = run,
                metrics = new[]
                {
                    new
                    {
                        key = "other",
                        value = 1,
                        timestamp = 1,
                    },
                },
                @params = new[] { new { key = "p", value = "2" } },
            }
        );
        Assert.Contains(
            "Params were already logged='[{'key': 'p', 'old_value': '1', 'new_value': '2'}]'",
            refusal,
            StringComparison.Ordinal
        );
        Assert.Null((await _mlflow.GetAsync($"metrics/get-history?run_id={run}&metric_key=other"))["metrics"]);
    }

    [Fact]
    public async Task A_run_takes_no_points_from_the_moment_it_is_deleted_until_it_is_restored()
    {
        var run = await _mlflow.RunAsync("0");
        var point = new
        {
            run_id = run,
            key = "m",
            value = 1,
            timestamp = 1,
        };
        await _mlflow.PostAsync("runs/log-metric", point);
        await _mlflow.PostAsync("runs/log-metric", point);

        await _mlflow.PostAsync("runs/delete", new { run_id = run });
        Assert.Contains(
            "must be in the 'active' state",
            await _mlflow.RefusedAsync("runs/log-metric", point),
            StringComparison.Ordinal
        );
        await _mlflow.PostAsync("runs/restore", new { run_id = run });
        await _mlflow.PostAsync("runs/log-metric", point);
        await _mlflow.RefusedAsync("runs/log-metric", point with { run_id = "none" }, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task History_comes_in_pages_and_samples()
    {
        var run = await _mlflow.RunAsync("0");
        for (var i = 0; i < 10; i++)
        {
            await _mlflow.LogAsync(run, "m", i, step: i, timestamp: i);
        }

        var first = await _mlflow.GetAsync($"metrics/get-history?run_id={run}&metric_key=m&max_results=6");
        var token = Uri.EscapeDataString(first["next_page_token"]!.GetValue<string>());
        var rest = await _mlflow.GetAsync(
            $"metrics/get-history?run_id={run}&metric_key=m&max_results=6&page_token={token}"
        );
        Assert.Equal(
            Enumerable.Range(0, 10),
            first["metrics"]!.AsArray().Concat(rest["metrics"]!.AsArray()).Select(m => m!["step"]!.GetValue<int>())
        );
        Assert.Null(rest["next_page_token"]);
        var sampled = await _http.GetJsonAsync(
            $"/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?run_ids={run}&metric_key=m&max_results=3"
        );
        Assert.Equal([0, 3, 6, 9], sampled["metrics"]!.AsArray().Select(m => m!["step"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData(
        """{"run_id":"R","key":"m","value":"foo","timestamp":1}""",
        "Invalid value \"foo\" for parameter 'value' supplied:  Hint: Value was of type 'str'."
    )]
    [InlineData("""{"run_id":"R","key":"m","value":1}""", "Missing value for required parameter 'timestamp'.")]
    [InlineData(
        """{"run_id":31,"key":"m","value":1,"timestamp":1}""",
        "Invalid value 31 for parameter 'run_id' supplied:"
    )]
    [InlineData(
        """{"run_id":"R","key":"../x","value":1,"timestamp":1}""",
        "Invalid value \"../x\" for parameter 'name' supplied: Names may be treated as files"
    )]
    [InlineData(
        """{"run_id":"R","key":"a*b","value":1,"timestamp":1}""",
        "Invalid value \"a*b\" for parameter 'name' supplied: Names may only contain"
    )]
    [InlineData(
        """{"run_id":"R","key":"m","value":1,"timestamp":-5}""",
        "Invalid value -5 for parameter 'timestamp' supplied: metric 'm'"
    )]
    [InlineData(
        """{"run_id":"R","key":"m","value":1e999,"timestamp":1}""",
        "Invalid value 1e999 for parameter 'value'"
    )]
    [InlineData(
        """{"run_id":"R","key":"m","value":1,"timestamp":9223372036854775807}""",
        "Invalid value 9223372036854775807 for parameter 'timestamp'"
    )]
    public async Task Says_what_is_wrong_with_a_metric(string body, string expected)
    {
        var run = await _mlflow.RunAsync("0");
        using var content = new StringContent(
            body.Replace("\"R\"", $"\"{run}\"", StringComparison.Ordinal),
            System.Text.Encoding.UTF8,
            "application/json"
        );
        using var response = await _http.PostAsync(
            new Uri("/api/2.0/mlflow/runs/log-metric", UriKind.Relative),
            content
        );
        var answer = System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.StartsWith(expected, answer["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_default_experiment_is_made_when_it_is_first_used()
    {
        Assert.Equal(
            "Default",
            (await _mlflow.GetAsync("experiments/get?experiment_id=0"))["experiment"]!["name"]!.GetValue<string>()
        );
        await _mlflow.RefusedAsync("experiments/create", new { name = "Default" });
        var run = await _mlflow.RunAsync("0", "first");

        Assert.Equal("first", await _mlflow.SearchAsync("0", ""));
        var found = await _mlflow.PostAsync("experiments/search", new { filter = "name = 'Default'" });
        Assert.Equal("0", Assert.Single(found["experiments"]!.AsArray())!["experiment_id"]!.GetValue<string>());
        await _mlflow.PostAsync("experiments/delete", new { experiment_id = "0" });
        Assert.Contains(
            "must be in the 'active' state",
            await _mlflow.RefusedAsync(
                "runs/set-tag",
                new
                {
                    run_id = run,
                    key = "k",
                    value = "v",
                }
            ),
            StringComparison.Ordinal
        );
        await _mlflow.PostAsync("experiments/restore", new { experiment_id = "0" });
        await _mlflow.PostAsync(
            "runs/set-tag",
            new
            {
                run_id = run,
                key = "k",
                value = "v",
            }
        );
    }

    [Fact]
    public async Task Without_credentials_a_server_that_wants_them_says_how_to_send_them()
    {
        await using var server = await TestServer.StartAsync();
        using var http = server.NewClient();
        var refusal = await new TrackingClient(http).RefusedAsync(
            "experiments/search",
            new { },
            HttpStatusCode.Unauthorized
        );

        Assert.StartsWith("UNAUTHENTICATED", refusal, StringComparison.Ordinal);
        Assert.Contains("export MLFLOW_TRACKING_TOKEN=", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1/RUN/artifacts/%2e%2e%2fx")]
    [InlineData("1/RUN/artifacts/%252e%252e%252fx")]
    [InlineData("1/RUN/artifacts/a%25252f%25252e%25252e%25252fx")]
    [InlineData("1/RUN/artifacts/a%00b")]
    [InlineData("1/RUN/artifacts/a%5cb")]
    [InlineData("1/RUN/artifacts/c%3a%23")]
    [InlineData("nothing/here")]
    public async Task A_path_that_is_none_is_refused(string path)
    {
        var run = await _mlflow.RunAsync("0");
        var target = "/api/2.0/mlflow-artifacts/artifacts/" + path.Replace("RUN", run, StringComparison.Ordinal);
        using var content = new StringContent("x");
        using var put = await _http.PutAsync(new Uri(target, UriKind.Relative), content);
        using var get = await _http.GetAsync(new Uri(target, UriKind.Relative));

        Assert.Equal(HttpStatusCode.BadRequest, put.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, get.StatusCode);
    }
}
