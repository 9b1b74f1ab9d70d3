using System.Net;
using System.Net.Http.Headers;
using Alidade.Server.Tests.Artifacts;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Workers;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Workers;

/// <summary>What is known of workers.</summary>
public sealed class WorkerListTests
{
    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task The_list_shows_what_each_machine_did_at_the_last_renewal(Dialect dialect)
    {
        await using var server = await TestServer.StartAsync(dialect);
        using var ada = await server.SignInAsync("ada");
        using var worker = await server.NewWorkerAsync();
        Assert.Null((await ada.GetJsonAsync("/api/v1/workers"))[0]!["load"]);

        var load = new
        {
            cpu = 37.5,
            memoryUsed = 1L << 33,
            memoryTotal = 1L << 34,
            diskFree = 5L,
            gpus = new[]
            {
                new
                {
                    busy = 88.0,
                    memoryUsed = 1L << 32,
                    memoryTotal = 1L << 35,
                },
            },
        };
        await worker.PostJsonAsync("/api/v1/worker/sessions/1/renew", new { attempts = Array.Empty<object>(), load });

        var shown = (await ada.GetJsonAsync("/api/v1/workers"))[0]!["load"]!;
        Assert.Equal(37.5, shown["cpu"]!.GetValue<double>());
        Assert.Equal(1L << 34, shown["memoryTotal"]!.GetValue<long>());
        Assert.Equal(88, shown["gpus"]![0]!["busy"]!.GetValue<double>());
        var page = WebUtility.HtmlDecode(await ada.GetStringAsync("/queues"));
        Assert.All(
            ["38\u00a0%", "50\u00a0%", "88\u00a0%"],
            share => Assert.Contains(share, page, StringComparison.Ordinal)
        );

        // A worker of an earlier version says nothing of it.
        await worker.PostJsonAsync("/api/v1/worker/sessions/1/renew", new { attempts = Array.Empty<object>() });
        Assert.Null((await ada.GetJsonAsync("/api/v1/workers"))[0]!["load"]);
    }

    [Fact]
    public async Task A_page_drains_a_worker_and_gives_it_jobs_again()
    {
        await using var server = await TestServer.StartAsync();
        using var ada = await server.SignInAsync("ada");
        using var worker = await server.NewWorkerAsync();

        using var bob = await server.SignInAsync("bob");
        Assert.DoesNotContain("/workers/1/drain", await bob.GetStringAsync("/queues"), StringComparison.Ordinal);

        using var drained = await ada.PostAsync("/workers/1/drain", null);
        Assert.Equal("/queues", drained.Headers.Location!.ToString());
        Assert.Equal("draining", (string?)(await ada.GetJsonAsync("/api/v1/workers"))[0]!["state"]);
        Assert.Contains("action=\"/workers/1/resume\"", await ada.GetStringAsync("/queues"), StringComparison.Ordinal);

        using var resumed = await ada.PostAsync("/workers/1/resume", null);
        Assert.Equal("active", (string?)(await ada.GetJsonAsync("/api/v1/workers"))[0]!["state"]);
    }

    [Fact]
    public async Task A_token_can_be_asked_what_it_is_for_without_a_session()
    {
        await using var server = await TestServer.StartAsync();
        using var ada = await server.SignInAsync("ada");
        using var worker = server.NewClient();
        await worker.GetJsonAsync("/api/v1/worker/token", HttpStatusCode.Unauthorized);
        var token = await server.Service<WorkerTokenService>().IssueEmbeddedAsync("test", CancellationToken.None);
        worker.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

        var said = await worker.GetJsonAsync("/api/v1/worker/token");

        Assert.Equal("*", said["queues"]![0]!.GetValue<string>());
        Assert.Empty((await ada.GetJsonAsync("/api/v1/workers")).AsArray());
    }

    [Fact]
    public async Task A_server_that_starts_revokes_the_token_of_its_own_worker_and_of_no_other_server()
    {
        await using var server = await TestServer.StartAsync();
        var tokens = server.Service<WorkerTokenService>();
        var here = await tokens.IssueEmbeddedAsync("here", CancellationToken.None);
        var there = await tokens.IssueEmbeddedAsync("there", CancellationToken.None);
        var again = await tokens.IssueEmbeddedAsync("here", CancellationToken.None);

        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(here));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(there));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(again));

        async Task<HttpStatusCode> AskAsync(string token)
        {
            using var worker = server.NewClient();
            worker.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var answer = await worker.GetAsync("/api/v1/worker/token");
            return answer.StatusCode;
        }
    }

    [Theory]
    [InlineData("requirements.txt", HttpStatusCode.OK)]
    [InlineData("folder/requirements.txt", HttpStatusCode.BadRequest)]
    [InlineData("notes.txt", HttpStatusCode.BadRequest)]
    public async Task A_plugin_may_hold_its_lock_of_requirements(string name, HttpStatusCode expected)
    {
        await using var server = await TestServer.StartAsync();
        using var ada = await server.SignInAsync("ada");
        var plugin = (await ada.PostJsonAsync("/api/v1/plugins", new { name = "own", group = 1 })).Id();

        await ada.PostJsonAsync(
            $"/api/v1/plugins/{plugin}/files",
            new
            {
                filename = name,
                contents = "numpy==1.26.4 --hash=sha256:00\n",
                tasks = new { functions = Array.Empty<object>(), artifacts = Array.Empty<object>() },
            },
            expected
        );
    }
}
