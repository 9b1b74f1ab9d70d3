using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.MLflow;

/// <summary>The search grammar of runs, alike on both databases.</summary>
public sealed class RunSearchTests
{
    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task Long_parents_and_many_orders_are_taken_alike_by_both_databases(Dialect dialect)
    {
        await using var server = await TestServer.StartAsync(dialect, o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        var mlflow = new TrackingClient(http);
        var run = await mlflow.RunAsync("0", "one");
        var parent = new
        {
            run_id = run,
            key = "mlflow.parentRunId",
            value = string.Concat(Enumerable.Range(0, 2000).Select(i => $"{i * 7919}")),
        };

        await mlflow.PostAsync("runs/set-tag", parent);
        Assert.Equal("one", await mlflow.SearchAsync("0", "", [.. Metrics(50)]));
        var refused = await mlflow.RefusedAsync(
            "runs/search",
            new { experiment_ids = new[] { "0" }, order_by = Metrics(51) }
        );
        Assert.Contains("order_by has 51 terms; runs are ordered by 50 at most", refused, StringComparison.Ordinal);

        static IEnumerable<string> Metrics(int count) => Enumerable.Range(0, count).Select(i => $"metrics.m{i} DESC");
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task Finds_and_orders_runs(Dialect dialect)
    {
        await using var server = await TestServer.StartAsync(dialect, o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        var mlflow = new TrackingClient(http);
        var experiment = await mlflow.ExperimentAsync("search");
        var a = await mlflow.RunAsync(experiment, "a", start: 1000);
        var b = await mlflow.RunAsync(experiment, "b", start: 2000);
        var c = await mlflow.RunAsync(experiment, "c", start: 3000);
        await mlflow.RunAsync(experiment, "none", start: 500);
        await mlflow.LogAsync(a, "loss", 0.5);
        await mlflow.LogAsync(a, "loss", 0.25, step: 1);
        await mlflow.LogAsync(b, "loss", 2);
        await mlflow.LogAsync(c, "loss", "NaN");
        await mlflow.LogAsync(b, "val loss", -1);
        await mlflow.LogAsync(c, "val loss", 0.0);
        await mlflow.ParamAsync(a, "model", "Linear%x");
        await mlflow.ParamAsync(b, "model", "linear_y");
        await mlflow.ParamAsync(c, "model", new string('k', 150));
        await mlflow.PostAsync(
            "runs/set-tag",
            new
            {
                run_id = a,
                key = "a.b-c",
                value = "v",
            }
        );

        async Task FindsAsync(string filter, string expected, params string[] order) =>
            Assert.Equal(expected, await mlflow.SearchAsync(experiment, filter, order));

        await FindsAsync("", "c b a none");
        await FindsAsync("metrics.loss < 1", "a");
        await FindsAsync("metrics.loss >= 0.25 and metric.loss != 2", "a");
        await FindsAsync("metrics.loss > -1e9", "b a");
        await FindsAsync("metrics.`val loss` <= -0.0", "c b");
        await FindsAsync("metrics.\"val loss\" = 0", "c");
        await FindsAsync("params.model LIKE 'Linear%'", "a");
        await FindsAsync("params.model ILIKE 'linear%'", "b a");
        await FindsAsync("params.model = 'Linear%x'", "a");
        await FindsAsync($"params.model = '{new string('k', 150)}'", "c");
        await FindsAsync($"params.model = '{new string('k', 149)}'", "");
        await FindsAsync("parameters.model != \"linear_y\"", "c a");
        await FindsAsync("params.model IS NULL", "none");
        await FindsAsync("tags.`a.b-c` IS NOT NULL AND tags.`a.b-c` = 'v'", "a");
        await FindsAsync($"run_id IN ('{a}', '{c}')", "c a");
        await FindsAsync($"attributes.run_id NOT IN ('{a}')", "c b none");
        await FindsAsync("start_time > 1000 AND attributes.status = 'RUNNING'", "c b");
        await FindsAsync("run_name LIKE '_'", "c b a");
        await FindsAsync("run_name = 'b'", "b");
        await FindsAsync("end_time > 0", "");
        await FindsAsync("", "b a c none", "metrics.loss DESC");
        await FindsAsync("", "a b c none", "metrics.loss");
        await FindsAsync("", "a c b none", "params.model ASC");
        await FindsAsync("", "none a b c", "start_time ASC");
        await FindsAsync("", "none c b a", "attributes.run_name desc");
    }

    [Fact]
    public async Task Pages_stay_where_they_are_while_runs_come()
    {
        await using var server = await TestServer.StartAsync(change: o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        var mlflow = new TrackingClient(http);
        var experiment = await mlflow.ExperimentAsync("paging");
        for (var i = 0; i < 7; i++)
        {
            // Two of three share the value that they are ordered by.
            var run = await mlflow.RunAsync(experiment, $"r{i}", start: i * 1000);
            await mlflow.LogAsync(run, "m", i / 3);
        }

        var seen = new List<string>();
        string? token = null;
        do
        {
            var page = await mlflow.PostAsync(
                "runs/search",
                new
                {
                    experiment_ids = new[] { experiment },
                    order_by = new[] { "metrics.m DESC" },
                    max_results = 2,
                    page_token = token,
                }
            );
            seen.AddRange(page["runs"]!.AsArray().Select(r => r!["info"]!["run_name"]!.GetValue<string>()));
            token = page["next_page_token"]?.GetValue<string>();
            await mlflow.LogAsync(await mlflow.RunAsync(experiment, "late", start: 99_000), "m", 9);
        } while (token is not null);

        Assert.Equal(["r6", "r5", "r4", "r3", "r2", "r1", "r0"], seen);
    }

    private static readonly (string Filter, string Expected)[] Wrong =
    [
        ("metrics.m > 1 OR metrics.m < 2", "Invalid clause(s) in filter string: 'OR'"),
        ("metrics.m BETWEEN 1 AND 2", "Invalid clause(s) in filter string: 'metrics.m', 'BETWEEN', '1', '2'"),
        ("metrics.m > 'x'", "Expected numeric value type for metric. Found 'x'"),
        ("params.p = 2", "Expected a quoted string value for parameter (e.g. 'my-value'). Got value 2"),
        (
            "foo.bar = 1",
            "Invalid entity type 'foo'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']"
        ),
        ("attribute.foo = 'x'", "Invalid attribute key 'foo' specified."),
        ("run_name IN ('a')", "Only the 'run_id' attribute supports comparison with a list of quoted string values."),
        ("params.p > '1'", "Invalid comparator '>'"),
        ("metrics.m IS NULL", "IS NULL / IS NOT NULL is only supported for tags and params"),
        ("metrics.m >", "Invalid clause(s)"),
        ("params.`p = '1", "Invalid clause(s)"),
        ("params.p = '1", "Invalid clause(s) in filter string: \"'1\""),
        ("run_id IN ('a'", "Invalid clause(s)"),
    ];

    [Fact]
    public async Task Says_what_is_wrong_with_a_filter()
    {
        await using var server = await TestServer.StartAsync(change: o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        foreach (var (filter, expected) in Wrong)
        {
            var refusal = await new TrackingClient(http).RefusedAsync(
                "runs/search",
                new { experiment_ids = new[] { "0" }, filter }
            );

            Assert.StartsWith("INVALID_PARAMETER_VALUE: " + expected, refusal, StringComparison.Ordinal);
        }
    }
}
