using Alidade.Engine.Jobs;
using Alidade.Storage.Jobs;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Jobs;

/// <summary>Who gets a job, on every store.</summary>
public abstract class ClaimCompliance(ITestStore source) : JobCompliance(source)
{
    [Fact]
    public async Task Eight_claimers_at_once_get_each_job_once()
    {
        for (var i = 0; i < 40; i++)
        {
            await World.Submit();
        }

        var sessions = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => World.Register($"w{i}")));
        var taken = await Task.WhenAll(
            sessions.Select(s =>
                Task.Run(async () =>
                {
                    var mine = new List<long>();
                    while (mine.Count < 40 && await World.Claim(s.Session, 2) is { Grants: { Count: > 0 } grants })
                    {
                        mine.AddRange(grants.Select(g => g.Job.Id));
                    }

                    return mine;
                })
            )
        );
        var left = (await World.Claim(sessions[0].Session, 40))!.Grants.Select(g => g.Job.Id);
        var all = taken.SelectMany(t => t).Concat(left).ToList();
        Assert.Equal(40, all.Count);
        Assert.Equal(40, all.Distinct().Count());
    }

    [Fact]
    public async Task Eight_claimers_at_once_stay_within_the_quota_of_a_group()
    {
        for (var i = 0; i < 20; i++)
        {
            await World.Submit();
        }

        await World.Write(tx =>
        {
            GroupQuotas.Set(tx, new GroupQuota { GroupId = 1, Running = 3 });
            return true;
        });
        var sessions = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => World.Register($"w{i}")));
        var taken = await Task.WhenAll(
            sessions.Select(s => Task.Run(async () => (await World.Claim(s.Session, 2))!.Grants))
        );
        Assert.Equal(3, taken.Sum(t => t.Count));

        var (grants, session) = taken.Zip(sessions, (grants, s) => (grants, s.Session)).First(t => t.grants.Count > 0);
        var job = grants[0].Job;
        await World.Finish(new(session, job.Id, job.Attempt!.Value, job.Fence));
        Assert.Single((await World.Claim(sessions[0].Session, 5))!.Grants);
    }

    [Fact]
    public async Task Jobs_are_granted_by_priority_then_age_within_slots_and_watched_queues()
    {
        var first = await World.Submit();
        var urgent = await World.Submit(priority: 1);
        var elsewhere = await World.Submit(queue: 8);
        var worker = await World.Register("w", slots: 2);
        var claimed = (await World.Claim(worker.Session, 10))!.Grants.Select(g => g.Job.Id);
        Assert.Equal([urgent, first], claimed);
        Assert.Empty((await World.Claim(worker.Session, 1, queue: 8))!.Grants);
        Assert.Equal("queued", (await World.Job(elsewhere)).State);
    }

    [Fact]
    public async Task A_job_without_a_plan_fails_when_a_worker_would_take_it()
    {
        var bad = await World.Submit(plan: null);
        var good = await World.Submit();
        var worker = await World.Register("w");
        var claimed = await World.Claim(worker.Session, 5);
        Assert.Equal([good], claimed!.Grants.Select(g => g.Job.Id));
        var job = await World.Job(bad);
        Assert.Equal(("failed", Reasons.Rejected, "graph is empty"), (job.State, job.Reason, job.Message));
    }

    [Fact]
    public async Task Nothing_is_granted_after_a_drain()
    {
        await World.Submit();
        var session = (await World.Register("w")).Session;
        await World.Write(tx => Alidade.Storage.Workers.Sessions.Drain(tx, session));
        Assert.Empty((await World.Claim(session))!.Grants);
        Assert.True((await World.Renew(session)).Reply!.Drain);
    }

    [Fact]
    public async Task Jobs_survive_the_process_at_every_stage()
    {
        var session = (await World.Register("w")).Session;
        var running = await World.Submit();
        var grip = await World.TakeAndStart(session);
        var queued = await World.Submit();
        await World.ReopenAsync();
        Assert.Equal(["running", "queued"], [(await World.Job(running)).State, (await World.Job(queued)).State]);
        Assert.Equal("finished", (await World.Finish(grip)).State);
        Assert.Equal([queued], (await World.Claim(session))!.Grants.Select(g => g.Job.Id));
    }
}

public sealed class SqliteClaimTests() : ClaimCompliance(new SqliteTestStore());

public sealed class PostgresClaimTests() : ClaimCompliance(new PostgresTestStore());
