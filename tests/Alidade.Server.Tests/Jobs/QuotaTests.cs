using System.Net;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Jobs;

/// <summary>How many jobs of a group run, and how many wait.</summary>
public sealed class QuotaTests
{
    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task A_group_has_no_more_running_jobs_than_its_quota(Dialect dialect)
    {
        await using var world = await QueueWorld.StartAsync(dialect);
        const string Quota = "/api/v1/groups/1/quota";
        Assert.Null((await world.User.GetJsonAsync(Quota))["running"]);
        await world.User.PutJsonAsync(Quota, new { running = 1 });
        var worker = await world.WorkerAsync("w", 10);
        await world.SubmitAsync();
        var second = await world.SubmitAsync();
        var grant = Assert.Single(await QueueWorld.ClaimAsync(worker))!;
        Assert.Contains(
            "The group public has the 1 running job that it may have at once. It is the next.",
            await world.WhyAsync(second),
            StringComparison.Ordinal
        );
        await QueueWorld.FinishAsync(worker, grant, "finished");
        Assert.Single(await QueueWorld.ClaimAsync(worker));

        await world.User.PutJsonAsync(Quota, new { running = (long?)null });
        var third = await world.SubmitAsync();
        Assert.Equal(third, Assert.Single(await QueueWorld.ClaimAsync(worker))!["job"]!.GetValue<long>());
        await world.User.PutJsonAsync(Quota, new { running = -1 }, HttpStatusCode.BadRequest);
        await world.User.PutJsonAsync("/api/v1/groups/99/quota", new { running = 1 }, HttpStatusCode.NotFound);

        // Who has a group of their own cannot lift what holds for it.
        using var other = await world.Server.SignInAsync("bob");
        var own = (await other.PostJsonAsync("/api/v1/groups", new { name = "own" })).Id();
        await other.PutJsonAsync($"/api/v1/groups/{own}/quota", new { running = 9 }, HttpStatusCode.Forbidden);
        await world.User.PutJsonAsync($"/api/v1/groups/{own}/quota", new { running = 2 });
        Assert.Equal(2, (await other.GetJsonAsync($"/api/v1/groups/{own}/quota"))["running"]!.GetValue<int>());
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task A_group_has_no_more_waiting_jobs_than_its_quota(Dialect dialect)
    {
        await using var world = await QueueWorld.StartAsync(dialect);
        const string Quota = "/api/v1/groups/1/quota";
        var cancelled = await world.SubmitAsync();
        await world.User.PostJsonAsync($"/api/v1/jobs/{cancelled}/cancel", null);
        await world.User.PutJsonAsync(Quota, new { waiting = 2 });
        var first = await world.SubmitAsync();
        var last = await world.SubmitAsync($$"""{"after": [{{first}}]}""");

        var refused = JsonNode.Parse(await world.RefusedAsync("{}", HttpStatusCode.TooManyRequests))!;
        Assert.Equal(
            ("TooManyJobsError", 2),
            (refused["error"]!.GetValue<string>(), refused["detail"]!["waiting"]!.GetValue<int>())
        );
        Assert.Contains("2 jobs of the group wait", refused["message"]!.GetValue<string>());
        await world.User.PostJsonAsync($"/api/v1/jobs/{cancelled}/requeue", null, HttpStatusCode.TooManyRequests);
        await world.User.PutJsonAsync(
            $"{world.Submits}/{cancelled}/status",
            new { status = "reset" },
            HttpStatusCode.TooManyRequests
        );

        await world.User.PostJsonAsync($"/api/v1/jobs/{last}/cancel", null);
        await world.User.PostJsonAsync($"/api/v1/jobs/{cancelled}/requeue", null);
        await world.User.PutJsonAsync(Quota, new { running = 5 });
        Assert.Null((await world.User.GetJsonAsync(Quota))["waiting"]);
        await world.SubmitAsync();
    }
}
