using System.Net;
using System.Text.RegularExpressions;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Tests.Jobs;
using Alidade.Storage.Platform;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Alidade.Server.Tests.Workers;

/// <summary>What opens the worker protocol opens nothing else, and no worker speaks for another.</summary>
public sealed class HostileWorkerTests
{
    [Fact]
    public async Task Neither_a_worker_token_nor_a_session_opens_what_people_use()
    {
        await using var server = await TestServer.StartAsync();
        using var ada = await server.SignInAsync("ada");
        var token = await ada.PostJsonAsync("/api/v1/workerTokens", new { group = 1 });
        using var outside = server.NewClient();
        outside.DefaultRequestHeaders.Authorization = new("Bearer", token["token"]!.GetValue<string>());
        using var session = await server.NewWorkerAsync(token["token"]!.GetValue<string>());
        var open = new List<string>();
        foreach (var (method, path) in Routes(server))
        {
            foreach (var client in (HttpClient[])[outside, session])
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path);
                using var response = await client.SendAsync(request);
                if (response.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden))
                {
                    open.Add($"{method} {path}: {(int)response.StatusCode}");
                }
            }
        }

        Assert.Empty(open);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task A_worker_has_no_word_about_the_attempts_and_sessions_of_another(Dialect dialect)
    {
        await using var world = await QueueWorld.StartAsync(dialect);
        var owner = await world.WorkerAsync("owner");
        var thief = await world.WorkerAsync("thief");
        var job = await world.SubmitAsync();
        var grant = Assert.Single(await QueueWorld.ClaimAsync(owner))!;
        var (attempt, fence) = (grant["attempt"]!.GetValue<long>(), grant["fence"]!.GetValue<long>());
        var report = new
        {
            fence,
            report = "r",
            outcome = "finished",
            lastEvent = 0,
        };
        (string Path, object? Body)[] calls =
        [
            ($"{owner.Session}/claim", new { free = 1, waitSeconds = 0 }),
            ($"{owner.Session}/renew", new { attempts = Array.Empty<object>() }),
            ($"/api/v1/worker/attempts/{attempt}/finish", report),
            ($"/api/v1/worker/attempts/{attempt}/release?fence={fence}", null),
            ($"/api/v1/worker/attempts/{attempt}/token?fence={fence}", null),
            ($"/api/v1/worker/attempts/{attempt}/secrets?fence={fence}", null),
        ];
        foreach (var (path, body) in calls)
        {
            using var content = body is null ? null : System.Net.Http.Json.JsonContent.Create(body);
            using var response = await thief.Client.PostAsync(new Uri(path, UriKind.Relative), content);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(
                (int)response.StatusCode is 401 or 403 or 404 or 409 or 410,
                $"{path}: {response.StatusCode} {text}"
            );
        }

        Assert.Equal("claimed", await world.StateAsync(job));
        await QueueWorld.FinishAsync(owner, grant, "finished");
        Assert.Equal("finished", await world.StateAsync(job));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task Two_machines_cannot_be_one_worker(Dialect dialect)
    {
        const string Elsewhere = """{"host": "copy"}""";
        await using var world = await QueueWorld.StartAsync(dialect);
        var worker = await world.WorkerAsync("w");
        var job = await world.SubmitAsync();
        var grant = Assert.Single(await QueueWorld.ClaimAsync(worker))!;

        // Its data folder was copied to another machine.
        var copy = await world.RegisterAsync("w", 1, Elsewhere, HttpStatusCode.Conflict);
        Assert.Equal("worker_elsewhere", copy["error"]!.GetValue<string>());
        await QueueWorld.FinishAsync(worker, grant, "finished");
        Assert.Equal("finished", await world.StateAsync(job));

        // Once its session has ended, the worker may have moved.
        await worker.Client.DeleteJsonAsync(worker.Session);
        await world.RegisterAsync("w", 1, Elsewhere);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task On_one_machine_the_folder_tells_workers_apart_and_not_the_name_of_the_host(Dialect dialect)
    {
        await using var world = await QueueWorld.StartAsync(dialect);
        await world.RegisterAsync("w", 1, At("a", "boot", "8:1:5"));

        // Killed, and started again in a container made anew.
        await world.RegisterAsync("w", 1, At("b", "boot", "8:1:5"));
        await world.RegisterAsync("w", 1, At("b", "boot", "8:1:6"), HttpStatusCode.Conflict);
        await world.RegisterAsync("w", 1, At("copy", "other", "8:1:5"), HttpStatusCode.Conflict);

        // The machine was started again, and devices may have other numbers.
        await world.RegisterAsync("w", 1, At("b", "later", "8:2:5"));
        await world.RegisterAsync("w", 1, At("b", "", "8:2:5"), HttpStatusCode.BadRequest);

        static string At(string host, string boot, string folder) =>
            $$"""{ "host": "{{host}}", "place": { "boot": "{{boot}}", "folder": "{{folder}}" } }""";
    }

    [Fact]
    public async Task A_token_of_one_group_is_given_no_job_of_another()
    {
        await using var world = await QueueWorld.StartAsync(Dialect.Sqlite);
        await world.SubmitAsync();
        var group = (await world.User.PostJsonAsync("/api/v1/groups", new { name = "lab" })).Id();
        var token = await world.User.PostJsonAsync("/api/v1/workerTokens", new { group });
        using var worker = await world.Server.NewWorkerAsync(token["token"]!.GetValue<string>());

        var claim = await worker.PostJsonAsync("/api/v1/worker/sessions/1/claim", new { free = 1, waitSeconds = 0 });

        Assert.Empty(claim["grants"]!.AsArray());
    }

    private static IEnumerable<(string Method, string Path)> Routes(TestServer server) =>
        from endpoint in server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let text = endpoint.RoutePattern.RawText ?? ""
        where text.StartsWith("/api/v1/", StringComparison.Ordinal)
        where !Regex.IsMatch(text, "^/api/v1/(worker/|auth/|users/?$|welcome)", RegexOptions.CultureInvariant)
        let method = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods[0] ?? "GET"
        select (method, Regex.Replace(text, @"\{[^}]*\}", "1"));
}
