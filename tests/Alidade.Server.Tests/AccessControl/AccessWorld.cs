using System.Text.RegularExpressions;
using Alidade.Server.Platform.Security;
using Alidade.Server.Tests.Artifacts;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Tests.Workers;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Tests.AccessControl;

/// <summary>A group with one thing of each kind in it, people of every role, and who does not belong there.</summary>
internal sealed class AccessWorld : IAsyncDisposable
{
    /// <summary>The group's name; every resource shows it, so an answer without it gives nothing away.</summary>
    public const string GroupName = "lab-that-nobody-knows";

    /// <summary>A run of the group that stands alone.</summary>
    private static readonly string Run = new('b', 32);

    private readonly Dictionary<string, long> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<long, long> _heads = [];

    private AccessWorld(TestServer server) => Server = server;

    public TestServer Server { get; }

    public required HttpClient Admin { get; init; }

    public required HttpClient Contributor { get; init; }

    public required HttpClient Reader { get; init; }

    public required HttpClient Stranger { get; init; }

    public HttpClient Nobody { get; private init; } = null!;

    /// <summary>A client for each scope: a token of the admin that opens only this.</summary>
    public Dictionary<string, HttpClient> Tokens { get; } = [];

    public static async Task<AccessWorld> BuildAsync()
    {
        var server = await TestServer.StartAsync();
        var world = new AccessWorld(server)
        {
            Admin = await server.SignInAsync("admin"),
            Contributor = await server.SignInAsync("contributor"),
            Reader = await server.SignInAsync("reader"),
            Stranger = await server.SignInAsync("stranger"),
            Nobody = server.NewClient(),
        };
        using var bystander = await server.SignInAsync("bystander");
        await world.FillAsync();
        return world;
    }

    /// <summary>The path of an endpoint with the ids of this group's things in the places of its parameters.</summary>
    public string Path(string pattern)
    {
        long parent = 0;
        var path = Regex.Replace(
            pattern.Replace("metrics/{**path}", "metrics/system/cpu/snapshots", StringComparison.Ordinal),
            @"(?<kind>[A-Za-z]+)/\{(?<name>\w+)[^}]*\}",
            match =>
            {
                var kind = match.Groups["kind"].Value;
                var value =
                    match.Groups["name"].Value == "name" ? "loss"
                    : kind == "runs" ? Run
                    : kind == "snapshots" ? $"{_heads.GetValueOrDefault(parent, 1)}"
                    : $"{parent = _ids.GetValueOrDefault(kind, 1)}";
                return $"{kind}/{value}";
            }
        );
        return path.EndsWith("/live", StringComparison.Ordinal) ? $"{path}?topics=job/{_ids["jobs"]}"
            : path.EndsWith("/series", StringComparison.Ordinal) ? path + "?name=loss"
            : path.EndsWith("/runs/groups", StringComparison.Ordinal) ? path + "?by=state"
            : path.EndsWith("/workerTokens/", StringComparison.Ordinal) ? $"{path}?group={_ids["groups"]}"
            : path.EndsWith("/compare", StringComparison.Ordinal) ? $"{path}?with={_ids["jobs"]}"
            : path;
    }

    /// <summary>What a body says where it names a thing; null for what names none.</summary>
    public object? Named(string field) =>
        field switch
        {
            "group" => _ids["groups"],
            "queue" or "entrypoint" or "job" or "artifact" => _ids[field + "s"],
            "user" => _ids["members"],
            "ids" => Array.Empty<long>(),
            "artifactUri" => "mlflow-artifacts:/1/0/artifacts/none",
            "mlflowRunId" => new string('a', 32),
            _ => null,
        };

    public async ValueTask DisposeAsync()
    {
        foreach (var client in new[] { Admin, Contributor, Reader, Stranger, Nobody }.Concat(Tokens.Values))
        {
            client.Dispose();
        }

        await Server.DisposeAsync();
    }

    private async Task FillAsync()
    {
        var group = await MakeAsync("groups", new { name = GroupName });
        await Admin.PostJsonAsync($"/api/v1/groups/{group}/members", new { user = 2, role = "contributor" });
        await Admin.PostJsonAsync($"/api/v1/groups/{group}/members", new { user = 3, role = "reader" });
        // Whom others change: people leave by themselves whatever their role.
        await Admin.PostJsonAsync($"/api/v1/groups/{group}/members", new { user = 5, role = "reader" });
        _ids["members"] = 5;
        _ids["invitations"] = (await Admin.PostJsonAsync($"/api/v1/groups/{group}/invitations", new { })).Id();
        var token = await Admin.PostJsonAsync("/api/v1/workerTokens", new { group });
        _ids["workerTokens"] = token.Id();
        using var worker = await Server.NewWorkerAsync(token["token"]!.GetValue<string>());
        _ids["pools"] = (await Admin.GetJsonAsync("/api/v1/pools"))
            .AsArray()
            .Single(p => p!["groups"]!.AsArray().Any(g => g!.GetValue<long>() == group))!
            .Id();
        _ids["workers"] = (await Admin.GetJsonAsync("/api/v1/workers"))[0]!.Id();
        await MakeAsync(
            "secrets",
            new
            {
                group,
                name = "secret",
                value = "s3cret value",
            }
        );
        await MakeAsync("tags", new { group, name = "tag" });
        await MakeAsync("pluginParameterTypes", new { group, name = "own_type" });
        var plugin = await MakeAsync("plugins", new { group, name = "plugin" });
        _ids["artifactPlugins"] = plugin;
        _ids["files"] = (
            await Admin.PostJsonAsync($"/api/v1/plugins/{plugin}/files", new { filename = "own.py", contents = "" })
        ).Id();
        await MakeAsync("models", new { group, name = "model" });
        var job = await Server.NewJobAsync(Admin, group);
        _ids["jobs"] = job.Id;
        _ids["experiments"] = job.Experiment;
        await Admin.PostJsonAsync($"/api/v1/jobs/{job.Id}/metrics", new { name = "loss", value = 1 });
        await Server
            .Service<Stores>()
            .Core.WriteAsync(t =>
            {
                var run = new RunRow
                {
                    Id = Run,
                    Experiment = job.Experiment,
                    GroupId = group,
                    UserId = 1,
                    Status = "RUNNING",
                    Created = t.Now,
                };
                RunStore.Insert(t, run);
                return run;
            });
        _ids["artifacts"] = await job.NewArtifactAsync("file.txt");
        await Admin.PostJsonAsync($"/api/v1/models/{_ids["models"]}/versions", new { artifact = _ids["artifacts"] });
        _ids["modelVersions"] = await Server
            .Service<Stores>()
            .Core.ReadAsync(s => s.Scalar<long>("SELECT MAX(id) FROM model_version"));
        var queue = await MakeAsync("queues", new { group, name = "queue" });
        await MakeAsync(
            "entrypoints",
            new
            {
                group,
                name = "entrypoint",
                taskGraph = "",
                queues = new[] { queue },
                plugins = new[] { plugin },
                artifactPlugins = new[] { plugin },
            }
        );
        foreach (var scope in Scopes.Names)
        {
            var made = await Admin.PostJsonAsync("/api/v1/tokens", new { name = scope, scopes = new[] { scope } });
            Tokens[scope] = Server.WithToken(made);
        }

        var heads = await Server
            .Service<Stores>()
            .Core.ReadAsync(s => s.Query<Head>("SELECT id, head AS newest FROM resource"));
        foreach (var resource in heads)
        {
            _heads[resource.Id] = resource.Newest;
        }
    }

    private async Task<long> MakeAsync(string kind, object body) =>
        _ids[kind] = (await Admin.PostJsonAsync("/api/v1/" + kind, body)).Id();

    private sealed record Head
    {
        public long Id { get; init; }
        public long Newest { get; init; }
    }
}
