using Alidade.Engine.Jobs;
using Alidade.Storage.Workers;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Jobs;

/// <summary>What becomes of a job whose worker is not heard of, on every store.</summary>
public abstract class SilenceCompliance(ITestStore source) : JobCompliance(source)
{
    [Fact]
    public async Task Silence_makes_unreachable_then_lost_then_tried_again_and_at_last_failed()
    {
        var job = await World.Submit();
        for (var loss = 1; loss <= 3; loss++)
        {
            var session = (await World.Register("w")).Session;
            var grip = await World.TakeAndStart(session);
            World.Advance(TimeSpan.FromSeconds(61));
            await World.Sweep();
            Assert.Equal("unreachable", (await World.Job(job)).State);
            World.Advance(TimeSpan.FromSeconds(240));
            await World.Sweep();
            Assert.True((await World.Finish(grip)).Stale);
            Assert.Equal(loss < 3 ? "scheduled" : "failed", (await World.Job(job)).State);
            World.Advance(TimeSpan.FromMinutes(10));
            await World.Sweep();
        }

        Assert.Equal(Reasons.Lost, (await World.Job(job)).Reason);
    }

    [Fact]
    public async Task A_worker_that_speaks_again_keeps_its_job()
    {
        var job = await World.Submit();
        var session = (await World.Register("w")).Session;
        var grip = await World.TakeAndStart(session);
        World.Advance(TimeSpan.FromSeconds(200));
        await World.Sweep();
        await World.Renew(session, grip);
        Assert.Equal("running", (await World.Job(job)).State);
        Assert.Equal("finished", (await World.Finish(grip)).State);
    }

    [Fact]
    public async Task A_renewal_that_commits_during_the_sweep_keeps_the_job()
    {
        var job = await World.Submit();
        var session = (await World.Register("w")).Session;
        var grip = await World.TakeAndStart(session);
        World.Advance(TimeSpan.FromSeconds(100));
        await World.Sweep();
        Assert.Equal("unreachable", (await World.Job(job)).State);
        World.Advance(TimeSpan.FromSeconds(300));

        var renewed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var commit = new ManualResetEventSlim();
        // On a thread of its own: work may run on the caller's.
        var renewal = Task.Run(() =>
            World.Write(tx =>
            {
                var reply = Sessions.Renew(tx, session, [grip.Live]);
                renewed.SetResult();
                commit.Wait(TestContext.Current.CancellationToken);
                return reply;
            })
        );
        await renewed.Task;
        var sweep = World.Sweep();
        // Room for the sweep to come as far as it can: on PostgreSQL to the locks of the renewal, on SQLite to its turn.
        await Task.WhenAny(sweep, Task.Delay(300, TestContext.Current.CancellationToken));
        commit.Set();
        await Task.WhenAll(renewal, sweep);

        Assert.Equal("running", (await World.Job(job)).State);
    }

    [Fact]
    public async Task Silence_before_the_server_could_hear_is_not_counted()
    {
        var job = await World.Submit();
        var grip = await World.TakeAndStart((await World.Register("w")).Session);
        World.Advance(TimeSpan.FromHours(1));
        await World.ReopenAsync();
        World.Listening = await World.Write(tx => tx.Now);
        await World.Sweep();
        Assert.Equal("running", (await World.Job(job)).State);
        await World.Renew(grip.Session, grip);
        Assert.Equal("finished", (await World.Finish(grip)).State);
    }

    [Fact]
    public async Task Many_workers_silent_at_once_lose_nothing_until_that_is_believed()
    {
        for (var i = 0; i < 6; i++)
        {
            await World.Submit();
            await World.TakeAndStart((await World.Register($"w{i}")).Session);
        }

        World.Advance(TimeSpan.FromSeconds(61));
        await World.Sweep();
        World.Advance(TimeSpan.FromSeconds(300));
        var sweep = await World.Sweep();
        Assert.True(sweep.Broken);
        Assert.Empty(sweep.Moved);

        World.Opened = await World.Write(tx => tx.Now);
        World.Advance(TimeSpan.FromSeconds(299));
        Assert.True((await World.Sweep()).Broken);
        World.Advance(TimeSpan.FromSeconds(2));
        var believed = await World.Sweep();
        Assert.Equal((false, 6), (believed.Broken, believed.Moved.Count));
        Assert.False((await World.Sweep()).IsMass, "the sessions of the lost workers have ended");
    }

    [Fact]
    public async Task An_attempt_missing_from_two_renewals_is_gone_though_its_worker_lives()
    {
        var began = await World.Submit();
        var waiting = await World.Submit();
        var session = (await World.Register("w")).Session;
        await World.TakeAndStart(session);
        await World.Take(session);
        await World.Renew(session);
        World.Advance(TimeSpan.FromSeconds(1));
        await World.Renew(session);
        Assert.Equal(["running", "claimed"], [(await World.Job(began)).State, (await World.Job(waiting)).State]);
        World.Advance(TimeSpan.FromSeconds(15));
        await World.Renew(session);
        Assert.Equal(["scheduled", "queued"], [(await World.Job(began)).State, (await World.Job(waiting)).State]);
    }

    [Fact]
    public async Task A_worker_that_returns_keeps_what_it_presents_and_loses_the_rest_at_once()
    {
        var kept = await World.Submit();
        var lost = await World.Submit();
        var old = (await World.Register("w")).Session;
        var grip = await World.TakeAndStart(old);
        var dropped = await World.TakeAndStart(old);
        await World.ReopenAsync();
        var back = await World.Register("w", 10, grip.Live, dropped.Live with { Fence = 99 });
        Assert.Equal([dropped.Attempt], back.Stop);
        Assert.Null((await World.Renew(old, grip)).Reply);
        Assert.Null(await World.Claim(old));
        Assert.Equal("scheduled", (await World.Job(lost)).State);
        Assert.True((await World.Finish(grip)).Stale);
        Assert.Equal("finished", (await World.Finish(grip with { Session = back.Session })).State);
        Assert.Equal("finished", (await World.Job(kept)).State);
    }

    [Theory]
    [InlineData(24, Reasons.Poison)]
    [InlineData(40, Reasons.Lost)] // the first loss is older than three days when the third comes
    public async Task Losses_on_several_workers_within_three_days_are_poison(int hours, string reason)
    {
        var job = await World.Submit(new JobLimits(Losses: 2));
        for (var loss = 0; loss < 3; loss++)
        {
            await World.Finish(await World.TakeAndStart((await World.Register($"w{loss}")).Session), "lost");
            World.Advance(TimeSpan.FromHours(hours));
            await World.Sweep();
        }

        var row = await World.Job(job);
        Assert.Equal(("failed", reason), (row.State, row.Reason));
    }
}

public sealed class SqliteSilenceTests() : SilenceCompliance(new SqliteTestStore());

public sealed class PostgresSilenceTests() : SilenceCompliance(new PostgresTestStore());
