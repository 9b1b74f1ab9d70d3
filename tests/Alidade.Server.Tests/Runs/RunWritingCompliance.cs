using System.Net;
using Alidade.Server.Tests.AccessControl;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Alidade.Server.Tests.Runs;

/// <summary>Runs that programs write under ids of their own, alike on both databases.</summary>
public abstract class RunWritingCompliance(Dialect dialect) : IAsyncLifetime
{
    private readonly string _run = Guid.NewGuid().ToString("N");
    private TestServer _server = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(dialect);
        using var person = await _server.SignInAsync("ada");
        var token = await person.PostJsonAsync("/api/v1/tokens", new { name = "script", scopes = new[] { "track" } });
        _client = _server.WithToken(token);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_is_sent_again_is_there_once()
    {
        var begin = new
        {
            experiment = "digits",
            name = "first",
            started = 1_000_000,
            parameters = new { rate = "0.1" },
            tags = new { host = "here" },
        };
        var made = await _client.PutJsonAsync($"/api/v1/runs/{_run}", begin);
        await _client.PutJsonAsync($"/api/v1/runs/{_run}", begin);
        await LogAsync("a", 1, "one", "two");
        await LogAsync("b", 1, "other");
        await LogAsync("a", 1, "one", "two");
        var again = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LogAsync("a", 2, "three")));
        var running = await LinesAsync();
        await _client.PutJsonAsync($"/api/v1/runs/{_run}", new { status = "FINISHED", ended = 2_000_000 });
        var ended = await LinesAsync();

        Assert.All(again, a => Assert.Equal((2, 4), (a["batch"]!.GetValue<int>(), a["last"]!.GetValue<int>())));
        Assert.Equal(
            ["one", "two", "other", "three"],
            ended["lines"]!.AsArray().Select(l => l!["m"]!.GetValue<string>())
        );
        Assert.False(running["complete"]!.GetValue<bool>());
        Assert.True(ended["complete"]!.GetValue<bool>());

        // The tracking protocol shows the same run.
        var run = (await _client.GetJsonAsync($"/api/2.0/mlflow/runs/get?run_id={_run}"))["run"]!;
        Assert.Equal(made["experiment"]!.ToString(), run["info"]!["experiment_id"]!.ToString());
        Assert.Equal("first", run["info"]!["run_name"]!.ToString());
        Assert.Equal("FINISHED", run["info"]!["status"]!.ToString());
        Assert.Equal(2000, run["info"]!["end_time"]!.GetValue<long>());
        Assert.Equal("0.1", run["data"]!["params"]![0]!["value"]!.ToString());
    }

    [Fact]
    public async Task What_cannot_be_is_refused_and_leaves_nothing()
    {
        await _client.PutJsonAsync($"/api/v1/runs/{_run}", new { parameters = new { rate = "1" } });
        var other = await _server.SignInAsync("bea");
        var foreign = await _server.AddGroupAsync("elsewhere", 2);
        await _server
            .App.Services.GetRequiredService<Stores>()
            .Core.WriteAsync(t =>
                t.Execute("UPDATE run SET group_id = @foreign WHERE id = @run", new { foreign, run = _run })
            );
        await _client.PutJsonAsync($"/api/v1/runs/{_run}", new { name = "mine" }, HttpStatusCode.NotFound);
        await LogAsync("a", 1, HttpStatusCode.NotFound, "x");
        await _client.GetJsonAsync($"/api/v1/runs/{_run}/lines", HttpStatusCode.NotFound);
        other.Dispose();

        var mine = $"/api/v1/runs/{Guid.NewGuid():N}";
        await _client.PutJsonAsync(mine, new { parameters = new { rate = "1" } });
        foreach (
            var body in new object[]
            {
                new { parameters = new { rate = "2" }, name = "half" },
                new { status = "LOST" },
                new { started = -1 },
                new { ended = long.MaxValue },
                new { tags = new Dictionary<string, string> { [""] = "x" } },
                new { tags = new { x = new string('x', 9000) } },
                new { name = "" },
            }
        )
        {
            await _client.PutJsonAsync(mine, body, HttpStatusCode.BadRequest);
        }

        await _client.PutJsonAsync("/api/v1/runs/NOT-AN-ID", new { }, HttpStatusCode.BadRequest);
        foreach (
            var body in new object[]
            {
                Batch("a", 2, "x"),
                Batch("a", 0, "x"),
                Batch("", 1, "x"),
                new
                {
                    writer = "a",
                    batch = 1,
                    lines = new[]
                    {
                        new
                        {
                            time = -1L,
                            stream = "stdout",
                            severity = "INFO",
                            message = "",
                        },
                    },
                },
                new
                {
                    writer = "a",
                    batch = 1,
                    lines = new[]
                    {
                        new
                        {
                            time = 1L,
                            stream = "tty",
                            severity = "INFO",
                            message = "",
                        },
                    },
                },
            }
        )
        {
            await _client.PostJsonAsync(mine + "/log", body, HttpStatusCode.BadRequest);
        }

        var name = (await _client.PutJsonAsync(mine, new { }))["name"]!.ToString();
        Assert.NotEqual("half", name);
        Assert.Empty((await _client.GetJsonAsync(mine + "/lines"))["lines"]!.AsArray());
    }

    private Task<System.Text.Json.Nodes.JsonNode> LinesAsync() => _client.GetJsonAsync($"/api/v1/runs/{_run}/lines");

    private Task<System.Text.Json.Nodes.JsonNode> LogAsync(string writer, long batch, params string[] lines) =>
        LogAsync(writer, batch, HttpStatusCode.OK, lines);

    private Task<System.Text.Json.Nodes.JsonNode> LogAsync(
        string writer,
        long batch,
        HttpStatusCode expected,
        params string[] lines
    ) => _client.PostJsonAsync($"/api/v1/runs/{_run}/log", Batch(writer, batch, lines), expected);

    private static object Batch(string writer, long batch, params string[] lines) =>
        new
        {
            writer,
            batch,
            lines = lines.Select(l => new
            {
                time = 1L,
                stream = "stdout",
                severity = "INFO",
                message = l,
            }),
        };
}

public sealed class SqliteRunWritingTests() : RunWritingCompliance(Dialect.Sqlite);

public sealed class PostgresRunWritingTests() : RunWritingCompliance(Dialect.Postgres);
