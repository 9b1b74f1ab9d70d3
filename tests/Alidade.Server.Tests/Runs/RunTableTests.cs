using System.Net;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Tests.MLflow;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Runs;

/// <summary>Jobs and runs of an experiment side by side: filter, order, columns, groups, files; alike on both databases.</summary>
public sealed class RunTableTests
{
    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task Finds_orders_groups_and_exports(Dialect dialect)
    {
        await using var server = await TestServer.StartAsync(dialect, o => o with { Tracking = "anonymous" });
        using var script = server.NewClient();
        var mlflow = new TrackingClient(script);
        var experiment = await mlflow.ExperimentAsync("table");
        using var http = await server.SignInAsync("ann");
        await LogAsync(mlflow, experiment, "a", "pgd", "0.3", 0.5, 0.9);
        await LogAsync(mlflow, experiment, "b", "pgd", "0.30", 0.7, 0.8);
        await LogAsync(mlflow, experiment, "c", "fgsm", "10", 0.2, "NaN");
        var d = await mlflow.RunAsync(experiment, "=d,\"x\"");
        var table = $"/api/v1/experiments/{experiment}/runs";

        async Task<string> NamesAsync(string query)
        {
            var answer = await http.GetJsonAsync($"{table}?{query}");
            return string.Join(' ', answer["rows"]!.AsArray().Select(r => (string?)r!["name"]));
        }

        Task<string> FindAsync(string filter) => NamesAsync("filter=" + Uri.EscapeDataString(filter));

        Assert.Equal("=d,\"x\" c b a", await FindAsync(""));
        Assert.Equal("b a", await FindAsync("params.eps = 0.3"));
        Assert.Equal("a", await FindAsync("params.eps = '0.3'"));
        Assert.Equal("c b a", await FindAsync("params.eps IN (0.3, 10)"));
        Assert.Equal("c", await FindAsync("params.eps NOT IN (0.3)"));
        Assert.Equal("c b", await FindAsync("params.eps NOT IN ('0.3')"));
        Assert.Equal("c b", await FindAsync("params.eps > 1 OR (params.attack = 'pgd' AND NOT metrics.robust < 0.6)"));
        Assert.Equal("c a", await FindAsync("metrics.robust < 0.6"));
        Assert.Equal("b", await FindAsync("params.attack = pgd and (metrics.clean < 0.85 or metrics.clean > 2)"));
        Assert.Equal("b a", await FindAsync("max.clean > 0, metrics.clean != 3"));
        Assert.Equal("=d,\"x\"", await FindAsync("metrics.robust IS NULL AND state:running"));
        Assert.Equal("=d,\"x\" c", await FindAsync("NOT params.attack = 'pgd'"));
        Assert.Equal("c", await FindAsync("name:C, kind = 'run'"));
        Assert.Equal("=d,\"x\"", await FindAsync("d AND user:anon*"));
        Assert.Equal("b a c =d,\"x\"", await NamesAsync("sortBy=params.eps&descending=false"));
        Assert.Equal("c b a =d,\"x\"", await NamesAsync("sortBy=params.eps&descending=true"));
        Assert.Equal("b a c =d,\"x\"", await NamesAsync("sortBy=metrics.robust&descending=true"));
        Assert.Equal("b a c =d,\"x\"", await NamesAsync("sortBy=metrics.clean"));
        Assert.Equal("=d,\"x\" a b c", await NamesAsync("sortBy=name"));
        Assert.Equal("c b a =d,\"x\"", await NamesAsync("sortBy=tags.owner"));

        var wide = await http.GetJsonAsync(
            $"{table}?columns=params.eps,metrics.clean,min.robust,tags.owner&pageLength=3"
        );
        Assert.Equal("""["params.eps","metrics.clean","min.robust","tags.owner"]""", wide["columns"]!.ToJsonString());
        Assert.Equal("""["10","nan",0.2,"ann"]""", wide["rows"]![1]!["values"]!.ToJsonString());
        Assert.Equal(4, (long)wide["total"]!);
        var rest = await http.GetJsonAsync(
            $"{table}?pageLength=3&pageToken={Uri.EscapeDataString((string)wide["next"]!)}"
        );
        Assert.Equal("a", (string?)rest["rows"]!.AsArray().Single()!["name"]);

        var groups = await http.GetJsonAsync(
            $"{table}/groups?by=params.attack&metrics=metrics.robust,metrics.clean&best=metrics.robust"
        );
        var pgd = groups["groups"]![0]!;
        Assert.Equal("""["pgd"]""", pgd["keys"]!.ToJsonString());
        Assert.Equal(2, (int)pgd["count"]!);
        Assert.Equal(0.6, (double)pgd["aggregates"]!["metrics.robust"]!["mean"]!, 12);
        Assert.Equal("b", (string?)pgd["best"]!["name"]);
        Assert.Equal(3, groups["groups"]!.AsArray().Count);

        var csv = await http.GetStringAsync(
            $"{table}/export?columns=params.eps,metrics.clean&sortBy=name",
            TestContext.Current.CancellationToken
        );
        var lines = csv.Split("\r\n");
        Assert.Equal("id,job,kind,name,state,user,created,started,ended,params.eps,metrics.clean", lines[0]);
        Assert.Contains(",run,\"'=d,\"\"x\"\"\",running,", lines[1], StringComparison.Ordinal);
        Assert.EndsWith(",0.3,0.9", lines[2], StringComparison.Ordinal);
        Assert.Equal(6, lines.Length);
        var json = await http.GetJsonAsync($"{table}/export?format=json&filter=name:c");
        Assert.Equal("10", (string?)json[0]!["params.eps"]);

        await http.DeleteJsonAsync($"/api/v1/runs/{d}");
        Assert.Equal("c b a", await FindAsync(""));
        await http.PostJsonAsync($"/api/v1/runs/{d}/restore", new { });
        var listed = await http.GetJsonAsync("/api/v1/runs?pageLength=2&search=params.attack:*");
        Assert.Equal(3, (int)listed["totalNumResults"]!);
        Assert.Equal(2, listed["data"]!.AsArray().Count);
        var one = await http.GetJsonAsync($"/api/v1/runs/{d}");
        Assert.Equal("=d,\"x\"", (string?)one["name"]);
        foreach (
            var (query, status) in new[]
            {
                ("filter=metrics.a%20%3E%20'x'", HttpStatusCode.UnprocessableEntity),
                ("filter=(a", HttpStatusCode.UnprocessableEntity),
                ("filter=name%20%3D%20'a", HttpStatusCode.UnprocessableEntity),
                ("filter=a%20OR%20OR", HttpStatusCode.UnprocessableEntity),
                ("filter=nothing.a%20%3D%201", HttpStatusCode.UnprocessableEntity),
                ("filter=a%20%3D", HttpStatusCode.UnprocessableEntity),
                ("sortBy=nothing", HttpStatusCode.BadRequest),
                ("columns=params.", HttpStatusCode.BadRequest),
                ("pageToken=!", HttpStatusCode.BadRequest),
                ("pageLength=0", HttpStatusCode.BadRequest),
            }
        )
        {
            await http.GetJsonAsync($"{table}?{query}", status);
        }
    }

    [Fact]
    public async Task A_file_has_the_columns_of_all_its_rows()
    {
        await using var server = await TestServer.StartAsync(change: o => o with { Tracking = "anonymous" });
        using var script = server.NewClient();
        var mlflow = new TrackingClient(script);
        var experiment = await mlflow.ExperimentAsync("long");
        var oldest = await mlflow.RunAsync(experiment, "oldest");
        await mlflow.PostAsync(
            "runs/log-batch",
            new
            {
                run_id = oldest,
                @params = Enumerable.Range(0, 100).Select(i => new { key = $"p{i}", value = $"{i}" }),
                metrics = Enumerable
                    .Range(0, 150)
                    .Select(i => new
                    {
                        key = $"m{i}",
                        value = i,
                        timestamp = 1,
                    }),
            }
        );
        for (var i = 0; i < 501; i++)
        {
            await mlflow.RunAsync(experiment);
        }

        using var http = await server.SignInAsync("ann");
        var csv = await http.GetStringAsync(
            $"/api/v1/experiments/{experiment}/runs/export",
            TestContext.Current.CancellationToken
        );

        var lines = csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(503, lines.Length);
        Assert.Equal(9 + 100 + 150, lines[0].Split(',').Length);
        Assert.Contains(
            "oldest",
            Assert.Single(lines, l => l.EndsWith(",99", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
    }

    private static async Task LogAsync(
        TrackingClient mlflow,
        string experiment,
        string name,
        string attack,
        string eps,
        object robust,
        object clean
    )
    {
        var run = await mlflow.RunAsync(experiment, name);
        await mlflow.PostAsync(
            "runs/log-batch",
            new
            {
                run_id = run,
                metrics = new[]
                {
                    new
                    {
                        key = "robust",
                        value = robust,
                        timestamp = 1,
                    },
                    new
                    {
                        key = "clean",
                        value = clean,
                        timestamp = 1,
                    },
                },
                @params = new[] { new { key = "attack", value = attack }, new { key = "eps", value = eps } },
                tags = new[] { new { key = "owner", value = "ann" } },
            }
        );
    }
}
