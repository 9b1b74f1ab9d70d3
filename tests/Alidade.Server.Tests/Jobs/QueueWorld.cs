using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Alidade.Server.Configuration;
using Alidade.Server.Tests.Artifacts;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Workers;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Jobs;

/// <summary>A server with one queue, one entrypoint and one experiment, and workers that are told what to say.</summary>
internal sealed class QueueWorld(TestServer server, HttpClient user, long queue, long entrypoint, long experiment)
    : IAsyncDisposable
{
    private string? _token;

    public TestServer Server => server;

    public HttpClient User => user;

    public long Queue => queue;

    public long Entrypoint => entrypoint;

    public string Submits => $"/api/v1/experiments/{experiment}/jobs";

    public static async Task<QueueWorld> StartAsync(Dialect dialect, Func<ServerOptions, ServerOptions>? change = null)
    {
        var server = await TestServer.StartAsync(dialect, change);
        var user = await server.SignInAsync("ada");
        var queue = (await user.PostJsonAsync("/api/v1/queues", new { name = "q", group = 1 })).Id();
        var entrypoint = (
            await user.PostJsonAsync(
                "/api/v1/entrypoints",
                new
                {
                    name = "e",
                    group = 1,
                    taskGraph = "",
                    queues = new[] { queue },
                }
            )
        ).Id();
        var experiment = (
            await user.PostJsonAsync(
                "/api/v1/experiments",
                new
                {
                    name = "x",
                    group = 1,
                    entrypoints = new[] { entrypoint },
                }
            )
        ).Id();
        return new QueueWorld(server, user, queue, entrypoint, experiment);
    }

    public JsonObject Body(string more = "{}")
    {
        var body = JsonNode.Parse(more)!.AsObject();
        body["queue"] = queue;
        body["entrypoint"] = entrypoint;
        return body;
    }

    /// <summary>The entrypoint has no steps; a plan makes its jobs fit to run.</summary>
    public async Task<long> SubmitAsync(string more = "{}")
    {
        var job = (await user.PostJsonAsync(Submits, Body(more))).Id();
        await server
            .Service<Stores>()
            .Core.WriteAsync(t => t.Execute("UPDATE job_detail SET plan = '{}', plan_digest = '', plan_error = NULL"));
        return job;
    }

    public async Task<string> RefusedAsync(string more, HttpStatusCode expected = HttpStatusCode.BadRequest) =>
        (await user.PostJsonAsync(Submits, Body(more), expected)).ToJsonString();

    public Task<JsonNode> JobAsync(long id) => user.GetJsonAsync($"/api/v1/jobs/{id}");

    public async Task<string> StateAsync(long id) => (await JobAsync(id))["state"]!.GetValue<string>();

    public async Task<string> WhyAsync(long id) => (await JobAsync(id))["waitingReason"]!.GetValue<string>();

    /// <param name="more">Labels and resources.</param>
    public async Task<(HttpClient Client, string Session)> WorkerAsync(string name, int slots = 1, string more = "{}")
    {
        var session = await RegisterAsync(name, slots, more);
        var client = server.NewClient();
        client.DefaultRequestHeaders.Authorization = Bearer(session["secret"]!.GetValue<string>());
        return (client, $"/api/v1/worker/sessions/{session["session"]}");
    }

    /// <summary>What the server answers to a worker that introduces itself.</summary>
    public async Task<JsonNode> RegisterAsync(
        string name,
        int slots = 1,
        string more = "{}",
        HttpStatusCode expected = HttpStatusCode.OK
    )
    {
        _token ??= await server.Service<WorkerTokenService>().IssueEmbeddedAsync("test", CancellationToken.None);
        using var client = server.NewClient();
        client.DefaultRequestHeaders.Authorization = Bearer(_token);
        var body = JsonNode.Parse(more)!.AsObject();
        body["worker"] = name;
        body["host"] ??= "h";
        body["queues"] = new JsonArray("*");
        body["slots"] = slots;
        body["labels"] ??= new JsonObject();
        body["levels"] = new JsonArray("L0");
        body["version"] = "1";
        body["attempts"] = new JsonArray();
        return await client.PostJsonAsync("/api/v1/worker/sessions", body, expected);
    }

    public static async Task<JsonArray> ClaimAsync((HttpClient Client, string Session) worker, int free = 10) =>
        (await worker.Client.PostJsonAsync(worker.Session + "/claim", new { free, waitSeconds = 0 }))[
            "grants"
        ]!.AsArray();

    public static Task FinishAsync(
        (HttpClient Client, string Session) worker,
        JsonNode grant,
        string outcome,
        int lastEvent = 0
    ) =>
        worker.Client.PostJsonAsync(
            $"/api/v1/worker/attempts/{grant["attempt"]}/finish",
            new
            {
                fence = grant["fence"]!.GetValue<long>(),
                report = Guid.NewGuid().ToString("N"),
                outcome,
                reason = outcome == "failed" ? "user_error" : null,
                lastEvent,
            }
        );

    /// <summary>Until the server has told the jobs that come after others.</summary>
    public async Task<string> SettledAsync(long id, string from = "scheduled")
    {
        for (var tries = 0; tries < 200; tries++)
        {
            if (await StateAsync(id) is var state && state != from)
            {
                return state;
            }

            await Task.Delay(50);
        }

        return from;
    }

    private static AuthenticationHeaderValue Bearer(string secret) => new("Bearer", secret);

    public async ValueTask DisposeAsync()
    {
        user.Dispose();
        await server.DisposeAsync();
    }
}
