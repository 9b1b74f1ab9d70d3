using System.Net;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Tests.MLflow;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Jobs;

/// <summary>Where, when and after what jobs run, over HTTP; the rules themselves are tested at the stores.</summary>
public sealed class JobQueueTests
{
    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task The_run_of_a_deleted_job_is_deleted_with_it(Dialect dialect)
    {
        await using var world = await QueueWorld.StartAsync(dialect);
        var worker = await world.WorkerAsync("w");
        var job = await world.SubmitAsync();
        var grant = (await QueueWorld.ClaimAsync(worker))[0]!;
        await QueueWorld.FinishAsync(worker, grant, "failed");
        var mlflow = new TrackingClient(world.User);
        var run = grant["run"]!.GetValue<string>();

        await mlflow.LogAsync(run, "m", 1);
        Assert.Equal("active", await StageAsync());
        using var deleted = await world.User.DeleteAsync($"/api/v1/jobs/{job}");
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.Equal("deleted", await StageAsync());
        Assert.Contains("must be in the 'active' state", await RefusedAsync("log-metric"), StringComparison.Ordinal);
        Assert.Contains("a job cannot be restored", await RefusedAsync("restore"), StringComparison.Ordinal);

        async Task<string> StageAsync() =>
            (await mlflow.GetAsync($"runs/get?run_id={run}"))["run"]!["info"]!["lifecycle_stage"]!.GetValue<string>();

        Task<string> RefusedAsync(string what) =>
            mlflow.RefusedAsync(
                $"runs/{what}",
                new
                {
                    run_id = run,
                    key = "m",
                    value = 1,
                    timestamp = 1,
                }
            );
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task A_worker_without_a_sandbox_gets_no_job_of_several_users(Dialect dialect)
    {
        await using var world = await QueueWorld.StartAsync(dialect);
        var bare = await world.WorkerAsync("bare", 2, """{"levels": ["L0"], "unsandboxed": false}""");
        var alone = await world.SubmitAsync();
        Assert.Equal(alone, Assert.Single(await QueueWorld.ClaimAsync(bare))!["job"]!.GetValue<long>());

        using var bea = await world.Server.SignInAsync("bea");
        var second = await world.SubmitAsync();
        Assert.Empty(await QueueWorld.ClaimAsync(bare));
        Assert.Contains("has a sandbox", await world.WhyAsync(second), StringComparison.Ordinal);
        var told = await world.WorkerAsync("told", more: """{"levels": ["L0"], "unsandboxed": true}""");
        Assert.Equal(second, Assert.Single(await QueueWorld.ClaimAsync(told))!["job"]!.GetValue<long>());
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task Every_waiting_job_says_why(Dialect dialect)
    {
        await using var world = await QueueWorld.StartAsync(dialect);
        var plain = await world.SubmitAsync();
        Assert.Contains("No worker watches the queue q", await world.WhyAsync(plain), StringComparison.Ordinal);

        var worker = await world.WorkerAsync(
            "w",
            more: """{"labels": {"zone": "a"}, "resources": {"cpu": 4, "memory": 8589934592, "gpus": 1}}"""
        );
        Assert.Contains("about to take it. It is the next", await world.WhyAsync(plain), StringComparison.Ordinal);
        var labels = await world.SubmitAsync("""{"labels": {"zone": "b"}}""");
        Assert.Contains("the labels it asks for: zone=b", await world.WhyAsync(labels), StringComparison.Ordinal);
        var large = await world.SubmitAsync("""{"resources": {"cpu": 1, "memory": 17179869184}}""");
        Assert.Contains("16 GiB of memory of at most 8 GiB", await world.WhyAsync(large), StringComparison.Ordinal);
        var later = await world.SubmitAsync($$"""{"notBefore": "{{TimeProvider.System.GetUtcNow().AddDays(30):O}}"}""");
        Assert.Contains("It begins at", await world.WhyAsync(later), StringComparison.Ordinal);
        var after = await world.SubmitAsync($$"""{"after": [{{plain}}]}""");
        Assert.Contains(
            $"after job {plain}, which has not ended",
            await world.WhyAsync(after),
            StringComparison.Ordinal
        );

        await world.User.PostJsonAsync($"/api/v1/queues/{world.Queue}/pause", null);
        Assert.Contains("has been paused", await world.WhyAsync(plain), StringComparison.Ordinal);
        using (var strands = await world.User.DeleteAsync($"/api/v1/queues/{world.Queue}"))
        {
            Assert.Equal(HttpStatusCode.BadRequest, strands.StatusCode);
            Assert.Contains("Resume it", await strands.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Empty(await QueueWorld.ClaimAsync(worker));
        await world.User.PostJsonAsync($"/api/v1/queues/{world.Queue}/resume", null);

        Assert.Single(await QueueWorld.ClaimAsync(worker));
        Assert.Equal("A worker prepares it.", await world.WhyAsync(plain));
        var behind = await world.SubmitAsync();
        var last = await world.SubmitAsync();
        Assert.Contains("busy (1 of 1 slots). It is the next.", await world.WhyAsync(behind), StringComparison.Ordinal);
        Assert.Contains("1 job is ahead of it", await world.WhyAsync(last), StringComparison.Ordinal);

        var id = (await world.User.GetJsonAsync("/api/v1/workers"))[0]!["id"];
        await world.User.PostJsonAsync($"/api/v1/workers/{id}/drain", null);
        Assert.Contains("are being drained", await world.WhyAsync(behind), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task Workers_get_what_fits_them_and_drained_workers_nothing(Dialect dialect)
    {
        await using var world = await QueueWorld.StartAsync(dialect);
        var small = await world.WorkerAsync("small", 10, """{"resources": {"cpu": 2, "memory": 1000, "gpus": 0}}""");
        var gpu = await world.WorkerAsync(
            "gpu",
            10,
            """{"labels": {"zone": "a"}, "resources": {"cpu": 8, "memory": 1000, "gpus": 1}}"""
        );
        var first = await world.SubmitAsync("""{"resources": {"cpu": 1.5}}""");
        var second = await world.SubmitAsync("""{"resources": {"cpu": 1.5}}""");
        var zone = await world.SubmitAsync("""{"labels": {"zone": "a"}, "resources": {"gpus": 1}}""");
        Assert.Equal([first], (await QueueWorld.ClaimAsync(small)).Select(g => g!["job"]!.GetValue<long>()));

        var workers = (await world.User.GetJsonAsync("/api/v1/workers")).AsArray();
        var drained = workers.Single(w => w!["name"]!.GetValue<string>() == "gpu")!["id"];
        var shown = await world.User.PostJsonAsync($"/api/v1/workers/{drained}/drain", null);
        Assert.Equal("draining", shown["state"]!.GetValue<string>());
        Assert.Empty(await QueueWorld.ClaimAsync(gpu));
        await world.User.PostJsonAsync($"/api/v1/workers/{drained}/resume", null);
        Assert.Equal(
            [second, zone],
            (await QueueWorld.ClaimAsync(gpu)).Select(g => g!["job"]!.GetValue<long>()).Order()
        );

        using var other = await world.Server.SignInAsync("bob");
        await other.PostJsonAsync($"/api/v1/workers/{drained}/drain", null, HttpStatusCode.Forbidden);
        await world.User.PostJsonAsync("/api/v1/workers/999/drain", null, HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task Jobs_go_to_workers_that_have_their_data_folders(Dialect dialect)
    {
        await using var world = await QueueWorld.StartAsync(dialect);
        await NeedAsync("digits", "faces");
        var job = await world.SubmitAsync();
        var without = await world.WorkerAsync("without", more: """{"dataFolders": ["digits"]}""");
        Assert.Empty(await QueueWorld.ClaimAsync(without));
        Assert.Contains(
            "No worker of the queue q has the data folder faces. A worker has those",
            await world.WhyAsync(job),
            StringComparison.Ordinal
        );
        await world.WorkerAsync("other", more: """{"dataFolders": ["faces"]}""");
        Assert.Contains(
            "has all of the data folders digits, faces",
            await world.WhyAsync(job),
            StringComparison.Ordinal
        );

        var with = await world.WorkerAsync("with", more: """{"dataFolders": ["faces", "digits", "more"]}""");
        Assert.Contains("about to take it", await world.WhyAsync(job), StringComparison.Ordinal);
        var grant = Assert.Single(await QueueWorld.ClaimAsync(with))!;
        Assert.Equal(["digits", "faces"], grant["dataFolders"]!.AsArray().Select(n => n!.GetValue<string>()).Order());

        await NeedAsync();
        await world.SubmitAsync();
        Assert.Single(await QueueWorld.ClaimAsync(without));

        Task NeedAsync(params string[] folders) =>
            world.User.PutJsonAsync(
                $"/api/v1/entrypoints/{world.Entrypoint}",
                new
                {
                    name = "e",
                    taskGraph = "",
                    queues = new[] { world.Queue },
                    dataFolders = folders,
                }
            );
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task Jobs_come_after_others_by_their_policy(Dialect dialect)
    {
        await using var world = await QueueWorld.StartAsync(dialect);
        var worker = await world.WorkerAsync("w", 10);
        var first = await world.SubmitAsync();
        var strict = await world.SubmitAsync($$"""{"after": [{{first}}, {{first}}]}""");
        var lenient = await world.SubmitAsync($$"""{"after": [{{first}}], "afterPolicy": "any"}""");
        var skipped = await world.SubmitAsync($$"""{"after": [{{first}}], "afterPolicy": "skip"}""");
        var chained = await world.SubmitAsync($$"""{"after": [{{strict}}]}""");
        await QueueWorld.FinishAsync(worker, Assert.Single(await QueueWorld.ClaimAsync(worker))!, "failed");

        Assert.Equal("failed", await world.SettledAsync(chained));
        Assert.Equal("failed", await world.StateAsync(strict));
        Assert.Equal("dependency", (await world.JobAsync(strict))["reason"]!.GetValue<string>());
        Assert.Equal("skipped", await world.StateAsync(skipped));
        Assert.Equal([lenient], (await QueueWorld.ClaimAsync(worker)).Select(g => g!["job"]!.GetValue<long>()));

        // What has ended before decides at once, and what was run again can be waited for again.
        var late = await world.SubmitAsync($$"""{"after": [{{first}}]}""");
        Assert.Equal("failed", await world.SettledAsync(late));
        await world.User.PostJsonAsync($"/api/v1/jobs/{first}/requeue", null);
        var again = await world.SubmitAsync($$"""{"after": [{{first}}]}""");
        await QueueWorld.FinishAsync(worker, Assert.Single(await QueueWorld.ClaimAsync(worker))!, "finished");
        Assert.Equal("queued", await world.SettledAsync(again));

        Assert.Contains(
            "job_id",
            await world.RefusedAsync("""{"after": [987654]}""", HttpStatusCode.NotFound),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task Entrypoint_and_queue_speak_where_the_job_does_not(Dialect dialect)
    {
        await using var world = await QueueWorld.StartAsync(dialect);
        var queue = $"/api/v1/queues/{world.Queue}/policy";
        var entrypoint = $"/api/v1/entrypoints/{world.Entrypoint}/policy";
        await world.User.PutJsonAsync(
            queue,
            new
            {
                labels = new { zone = "a", site = "lab" },
                resources = new { cpu = 1, memory = 5 },
                maxFailures = 1,
                lostAfter = "10m",
                startWithin = "1h",
            }
        );
        await world.User.PutJsonAsync(
            entrypoint,
            new
            {
                labels = new { zone = "b" },
                maxFailures = 2,
                restartable = false,
            }
        );
        Assert.Equal("10m", (await world.User.GetJsonAsync(queue))["lostAfter"]!.GetValue<string>());

        var job = await world.JobAsync(await world.SubmitAsync("""{"resources": {"cpu": 0.5}, "maxLosses": 7}"""));
        Assert.Equal("""{"site":"lab","zone":"b"}""", job["labels"]!.ToJsonString());
        Assert.Equal("""{"cpu":0.5,"memory":5,"gpus":0}""", job["resources"]!.ToJsonString());
        Assert.Equal(
            (2, 7, false),
            (
                job["maxFailures"]!.GetValue<int>(),
                job["maxLosses"]!.GetValue<int>(),
                job["restartable"]!.GetValue<bool>()
            )
        );
        Assert.NotNull(job["notAfter"]);

        await world.User.PutJsonAsync(queue, new { lostAfter = "5s" }, HttpStatusCode.BadRequest);
        await world.User.PutJsonAsync(
            queue,
            new { labels = new Dictionary<string, string> { ["a b"] = "c" } },
            HttpStatusCode.BadRequest
        );
        await world.User.PutJsonAsync("/api/v1/queues/999/policy", new { }, HttpStatusCode.NotFound);
        Assert.All((await world.User.PutJsonAsync(entrypoint, new { })).AsObject(), said => Assert.Null(said.Value));
    }

    [Fact]
    public async Task What_cannot_be_is_refused_by_name()
    {
        await using var world = await QueueWorld.StartAsync(Dialect.Sqlite);
        foreach (
            var (more, field) in new[]
            {
                ("""{"labels": {"": "x"}}""", "labels"),
                ("""{"labels": {"a": "b c"}}""", "labels"),
                ("""{"resources": {"cpu": -1}}""", "resources"),
                ("""{"resources": {"cpu": "nan"}}""", "resources"),
                ("""{"resources": {"disks": 1}}""", "resources"),
                ("""{"notAfter": "2001-01-01T00:00:00Z"}""", "notAfter"),
                ("""{"notAfter": "tomorrow"}""", "notAfter"),
                ("""{"notBefore": "3001-01-01T00:00:00Z"}""", "notBefore"),
                ("""{"after": "1"}""", "after"),
                ("""{"afterPolicy": "maybe"}""", "afterPolicy"),
                ("""{"maxFailures": 1000}""", "maxFailures"),
            }
        )
        {
            Assert.Contains($"\"{field}\"", await world.RefusedAsync(more), StringComparison.Ordinal);
        }

        Assert.Equal(0, (await world.User.GetJsonAsync("/api/v1/jobs"))["totalNumResults"]!.GetValue<int>());
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task A_key_makes_one_job_and_an_ended_job_runs_again(Dialect dialect)
    {
        await using var world = await QueueWorld.StartAsync(dialect);
        async Task<(HttpStatusCode, string)> Submit(string description)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, world.Submits)
            {
                Content = System.Net.Http.Json.JsonContent.Create(
                    world.Body($$"""{"description": "{{description}}"}""")
                ),
            };
            request.Headers.Add("Idempotency-Key", "k");
            using var answer = await world.User.SendAsync(request);
            var said = System.Text.Json.Nodes.JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            return (answer.StatusCode, said["id"]?.ToString() ?? said["error"]!.ToString());
        }

        // All at once: one of them makes the job, and the others wait for it.
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Submit("same")));
        var (status, id) = Assert.Single(answers.Distinct());
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal((HttpStatusCode.BadRequest, "IdempotencyKeyReusedError"), await Submit("other"));

        var requeue = $"/api/v1/jobs/{id}/requeue";
        await world.User.PostJsonAsync(requeue, null, HttpStatusCode.BadRequest);
        await world.User.PostJsonAsync($"/api/v1/jobs/{id}/cancel", null);
        Assert.Equal("queued", (await world.User.PostJsonAsync(requeue, null))["state"]!.GetValue<string>());
        var audit = await world.User.GetJsonAsync("/api/v1/audit?pageLength=100");
        Assert.Contains("requeue", audit.ToJsonString(), StringComparison.Ordinal);
    }
}
