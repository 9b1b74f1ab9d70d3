using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;

namespace Alidade.Server.Tests.Fuzz;

/// <summary>A server with one of each kind, and every right a caller can have: what is refused is refused for its content.</summary>
public sealed class Victim : IAsyncDisposable
{
    /// <summary>A success of these ends the session they are sent with.</summary>
    private static readonly string[] Ending = ["/api/v1/users/current", "/api/v1/auth/", "/api/v1/users/{id}"];

    private readonly TestServer _server;
    private readonly HttpClient _member;
    private readonly HttpClient _other;
    private readonly HttpClient _worker;
    private readonly HttpClient _session;

    private Victim(TestServer server, HttpClient member, HttpClient other)
    {
        (_server, _member, _other) = (server, member, other);
        (_worker, _session) = (server.NewClient(), server.NewClient());
    }

    public TestServer Server => _server;

    public HttpClient Member => _member;

    /// <summary>An id of each kind, by the segment of its path.</summary>
    public Dictionary<string, long> Ids { get; } = new() { ["users"] = 2, ["groups"] = 1 };

    public static async Task<Victim> StartAsync(TestServer server)
    {
        var victim = new Victim(server, await server.SignInAsync("ada"), await server.SignInAsync("eve"));
        await victim.FillAsync();
        await victim.IntroduceWorkerAsync();
        return victim;
    }

    public HttpClient CallerOf(Operation operation) =>
        operation.Path.StartsWith("/api/v1/worker/sessions", StringComparison.Ordinal) && !operation.Path.Contains('{')
            ? _worker
        : operation.Path.StartsWith("/api/v1/worker/", StringComparison.Ordinal) ? _session
        : Ending.Any(e => operation.Path.StartsWith(e, StringComparison.Ordinal)) ? _other
        : _member;

    public async ValueTask DisposeAsync()
    {
        foreach (var client in new[] { _member, _other, _worker, _session })
        {
            client.Dispose();
        }

        await _server.DisposeAsync();
    }

    private async Task FillAsync()
    {
        await MakeAsync("tags", new { name = "t" });
        await MakeAsync("queues", new { name = "q" });
        await MakeAsync("pluginParameterTypes", new { name = "rows", structure = new { list = "integer" } });
        await MakeAsync("plugins", new { name = "p" });
        var function = new
        {
            name = "add",
            inputParams = new[] { new { name = "rows", parameterType = Ids["pluginParameterTypes"] } },
            outputParams = Array.Empty<object>(),
        };
        var file = new
        {
            filename = "add.py",
            contents = "def add(rows): pass\n",
            tasks = new { functions = new[] { function }, artifacts = Array.Empty<object>() },
        };
        Ids["files"] = (await _member.PostJsonAsync($"/api/v1/plugins/{Ids["plugins"]}/files", file)).Id();
        var entrypoint = new
        {
            group = 1,
            name = "e",
            taskGraph = "step:\n  add: $rows\n",
            parameters = new[] { new { name = "rows", parameterType = "list" } },
            plugins = new[] { Ids["plugins"] },
            queues = new[] { Ids["queues"] },
        };
        Ids["entrypoints"] = (await _member.PostJsonAsync("/api/v1/entrypoints", entrypoint)).Id();
        await MakeAsync("experiments", new { name = "x", entrypoints = new[] { Ids["entrypoints"] } });
        await MakeAsync("models", new { name = "m" });
        var job = new
        {
            entrypoint = Ids["entrypoints"],
            queue = Ids["queues"],
            values = new { rows = "[1]" },
        };
        Ids["jobs"] = (await _member.PostJsonAsync($"/api/v1/experiments/{Ids["experiments"]}/jobs", job)).Id();
    }

    private async Task MakeAsync(string kind, object content)
    {
        var body = System.Text.Json.JsonSerializer.SerializeToNode(content)!.AsObject();
        body["group"] = 1;
        Ids[kind] = (await _member.PostJsonAsync($"/api/v1/{kind}", body)).Id();
    }

    private async Task IntroduceWorkerAsync()
    {
        var token = await _member.PostJsonAsync("/api/v1/workerTokens", new { group = 1, name = "w" });
        _worker.DefaultRequestHeaders.Authorization = Bearer(token["token"]!);
        var session = await _worker.PostJsonAsync(
            "/api/v1/worker/sessions",
            new
            {
                worker = "w",
                host = "h",
                queues = new[] { "*" },
                slots = 1,
                labels = new Dictionary<string, string>(),
                levels = new[] { "L1" },
                version = "1",
                attempts = Array.Empty<object>(),
            }
        );
        _session.DefaultRequestHeaders.Authorization = Bearer(session["secret"]!);
        Ids["sessions"] = session["session"]!.GetValue<long>();
        Ids["attempts"] = 1;
    }

    private static AuthenticationHeaderValue Bearer(JsonNode secret) => new("Bearer", secret.GetValue<string>());
}
