using System.Net;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Tests.Imports;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Jobs;

/// <summary>Jobs that cannot run: refused where their values are the reason, and told about where their entrypoint is.</summary>
public sealed class UnfitJobTests
{
    private const string Config = """
        [[plugin_param_types]]
        name = "budget"
        structure = { list = "number" }

        [[plugins]]
        path = "plugins/hello"
        tasks.functions = [
          { filename = "tasks.py", name = "hello", input_params = [ { name = "eps", type = "budget", required = true } ], output_params = [] },
        ]

        [[entrypoints]]
        path = "entrypoints/hello.yaml"
        name = "Hello"
        params = [ { name = "eps", type = "list", default_value = "[0.1]" } ]
        plugins = [ "hello" ]
        """;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task A_value_no_step_can_take_is_refused_and_a_wrong_graph_is_a_job_that_says_so(Dialect dialect)
    {
        await using var server = await TestServer.StartAsync(dialect);
        using var ada = await server.SignInAsync("ada");
        var queue = (await ada.PostJsonAsync("/api/v1/queues", new { name = "q", group = 1 })).Id();
        var (entrypoint, jobs) = await ImportAsync(ada, queue, "graph:\n  atk:\n    hello: $eps\n", "fail");

        var refused = await SubmitAsync("[\"a\"]", HttpStatusCode.BadRequest);
        var right = (await SubmitAsync("[1, 2.5]")).Id();
        await ImportAsync(ada, queue, "graph:\n  atk:\n    helo: $eps\n", "update");
        var unfit = (await SubmitAsync("[\"a\"]")).Id();

        Assert.Equal("EntrypointParameterTypeMismatchError", refused.Error());
        Assert.Contains(
            "The value of 'eps' does not fit. taskGraph 2:10: In step \"atk\": input \"eps\" is given tuple[string] and "
                + "takes budget (budget is list[number].)",
            refused["message"]!.GetValue<string>(),
            StringComparison.Ordinal
        );
        var record = await ada.GetJsonAsync($"/api/v1/jobs/{unfit}/record");
        Assert.Equal("Hello", record["definition"]!["entrypoint"]!["name"]!.GetValue<string>());
        Assert.Equal(entrypoint, record["definition"]!["entrypoint"]!["id"]!.GetValue<long>());
        var comparison = await ada.GetJsonAsync($"/api/v1/jobs/{right}/record/compare?with={unfit}");
        Assert.Equal(
            ["parameter eps", "seed"],
            comparison["shape"]!.AsArray().Select(difference => difference!["name"]!.GetValue<string>())
        );
        Assert.StartsWith($"Job {unfit} has no plan", comparison["unknown"]![0]!.GetValue<string>());

        Task<JsonNode> SubmitAsync(string eps, HttpStatusCode expected = HttpStatusCode.OK) =>
            ada.PostJsonAsync(
                jobs,
                new
                {
                    queue,
                    entrypoint,
                    values = new { eps },
                },
                expected
            );
    }

    [Fact]
    public async Task A_worker_token_for_no_queue_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        using var ada = await server.SignInAsync("ada");

        var refused = await ada.PostJsonAsync(
            "/api/v1/workerTokens",
            new { group = 1, queues = (string[])["q", " "] },
            HttpStatusCode.BadRequest
        );

        Assert.Contains("needs a name", refused["errors"]!["queues"]![0]!.GetValue<string>(), StringComparison.Ordinal);
    }

    /// <returns>The entrypoint, and where its jobs are submitted.</returns>
    private static async Task<(long Entrypoint, string Jobs)> ImportAsync(
        HttpClient ada,
        long queue,
        string graph,
        string strategy
    )
    {
        var source = ImportCalls.Source(Config);
        source["entrypoints/hello.yaml"] = graph;
        var imported = await ada.ImportAsync(source, strategy);
        var entrypoint = imported["resources"]!["entrypoints"]!["Hello"]!.GetValue<long>();
        if (strategy != "fail")
        {
            return (entrypoint, "");
        }

        await ada.PostJsonAsync($"/api/v1/entrypoints/{entrypoint}/queues", new { ids = new[] { queue } });
        var experiment = await ada.PostJsonAsync(
            "/api/v1/experiments",
            new
            {
                name = "x",
                group = 1,
                entrypoints = new[] { entrypoint },
            }
        );
        return (entrypoint, $"/api/v1/experiments/{experiment.Id()}/jobs");
    }
}
