using Alidade.Engine.Jobs;
using Alidade.Storage.Runs;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Jobs;

/// <summary>Who may end a job, and that it always ends, on every store.</summary>
public abstract class EndingCompliance(ITestStore source) : JobCompliance(source)
{
    [Theory]
    [InlineData(3, 3)] // the server was away when it ended
    [InlineData(900, 600)] // no job ends after it was heard of
    public async Task A_job_that_ended_while_nobody_listened_ended_then(int ran, int seconds)
    {
        var job = await World.Submit();
        var grip = await World.TakeAndStart((await World.Register("w")).Session);
        World.Advance(TimeSpan.FromSeconds(600));
        await World.Finish(grip, span: (5, 5 + (ran * 1_000_000L))); // a clock of 1970 does no harm
        var row = await World.Job(job);
        Assert.Equal(seconds, (row.Ended!.Value - row.Started!.Value) / 1e6, tolerance: 0.01);
    }

    [Fact]
    public async Task A_finish_is_taken_once_and_answered_alike_for_ever()
    {
        var job = await World.Submit();
        var grip = await World.TakeAndStart((await World.Register("w")).Session);
        Assert.Equal("finished", (await World.Finish(grip)).State);
        var replay = await World.Finish(grip);
        Assert.Equal((false, "finished", null), (replay.Stale, replay.State, replay.Moved));
        Assert.True((await World.Finish(grip, "failed", report: "r2")).Stale);
        Assert.Equal("finished", (await World.Job(job)).State);
    }

    [Theory]
    [InlineData("finished", "FINISHED")]
    [InlineData("failed", "FAILED")]
    [InlineData("cancelled", "KILLED")]
    public async Task Runs_that_a_script_left_open_end_with_its_job(string outcome, string status)
    {
        var job = await World.Submit(new JobLimits(Failures: 1));
        var other = await World.Submit(queue: JobWorld.Queue + 1);
        var grip = await World.TakeAndStart((await World.Register("w")).Session);
        await Insert("first", job, "RUNNING");
        await Insert("done", job, "FAILED");
        await Insert("other", other, "RUNNING");

        // A job that is tried again may go on with them.
        await World.Finish(grip, "failed", "user_error");
        Assert.Equal(("RUNNING", null), await Standing("first"));
        World.Advance(TimeSpan.FromHours(1));
        await World.Sweep();
        grip = await World.TakeAndStart((await World.Register("v")).Session);
        await Insert("second", job, "RUNNING");
        if (outcome == "cancelled")
        {
            await World.User(job, JobEvent.Cancel);
        }

        await World.Finish(grip, outcome, outcome == "failed" ? "user_error" : null);
        var ended = (await World.Job(job)).Ended;
        Assert.NotNull(ended);
        Assert.Equal((status, ended), await Standing("second"));
        // The attempt that left it did not end well.
        Assert.Equal((status == "FINISHED" ? "FAILED" : status, ended), await Standing("first"));
        Assert.Equal(("FAILED", null), await Standing("done"));
        Assert.Equal(("RUNNING", null), await Standing("other"));

        Task Insert(string id, long of, string status) =>
            World.Write(tx =>
            {
                RunStore.Insert(
                    tx,
                    new RunRow
                    {
                        Id = id,
                        Job = of,
                        Experiment = 2,
                        GroupId = 1,
                        UserId = 1,
                        Status = status,
                        Created = tx.Now,
                    }
                );
                return id;
            });

        Task<(string, long?)> Standing(string run) =>
            World.Read(s => RunStore.Find(s, run) is { } found ? (found.Status, found.Ended) : ("gone", null));
    }

    [Fact]
    public async Task A_stale_fence_or_a_foreign_session_changes_nothing()
    {
        var job = await World.Submit();
        var session = (await World.Register("w")).Session;
        var other = (await World.Register("v")).Session;
        var old = await World.Take(session);
        await World.Release(old);
        var now = await World.Take(session);
        foreach (var bad in new[] { old, now with { Fence = old.Fence }, now with { Session = other } })
        {
            Assert.True((await World.Start(bad)).Stale);
            Assert.True((await World.Finish(bad)).Stale);
            Assert.True((await World.Release(bad)).Stale);
        }

        Assert.Equal([old.Attempt], (await World.Renew(session, now, old)).Reply!.Stop);
        Assert.Equal(("claimed", 2), ((await World.Job(job)).State, (await World.Job(job)).Attempts));
    }

    [Theory]
    [InlineData(0, "cancelled")]
    [InlineData(1, "cancelled")]
    [InlineData(2, "cancelling")]
    [InlineData(3, "cancelling")]
    [InlineData(4, "cancelling")]
    public async Task A_cancel_is_at_once_while_waiting_and_in_two_steps_while_owned(int stage, string then)
    {
        var job = await World.Submit(after: stage == 0 ? TimeSpan.FromMinutes(1) : null);
        var session = (await World.Register("w")).Session;
        var grip =
            stage < 2 ? null
            : stage == 2 ? await World.Take(session)
            : await World.TakeAndStart(session);
        if (stage == 4)
        {
            World.Advance(TimeSpan.FromSeconds(61));
            await World.Sweep();
        }

        await World.User(job, JobEvent.Cancel);
        Assert.Equal(then, (await World.Job(job)).State);
        if (grip is not null)
        {
            Assert.Equal([grip.Attempt], (await World.Renew(session, grip)).Reply!.Cancel);
            Assert.Equal("cancelled", (await World.Finish(grip, "cancelled")).State);
        }

        Assert.Null(await World.User(job, JobEvent.Cancel));
        Assert.Equal("queued", (await World.User(job, JobEvent.Requeue))!.Now.State);
    }

    [Fact]
    public async Task A_cancel_nobody_confirms_is_forced_and_a_job_already_done_stays_done()
    {
        var forced = await World.Submit();
        var done = await World.Submit();
        var session = (await World.Register("w")).Session;
        var silent = await World.TakeAndStart(session);
        var ready = await World.TakeAndStart(session);
        await World.User(forced, JobEvent.Cancel);
        await World.User(done, JobEvent.Cancel);
        Assert.Equal("finished", (await World.Finish(ready)).State);
        World.Advance(TimeSpan.FromSeconds(301));
        await World.Renew(session, silent);
        await World.Sweep();
        var job = await World.Job(forced);
        Assert.Equal(("cancelled", Reasons.Unconfirmed), (job.State, job.Reason));
        Assert.Equal([silent.Attempt], (await World.Renew(session, silent)).Reply!.Stop);
    }

    [Fact]
    public async Task Time_limits_hold_even_when_the_worker_says_nothing()
    {
        var job = await World.Submit();
        var session = (await World.Register("w")).Session;
        var grip = await World.TakeAndStart(session);
        World.Advance(TimeSpan.FromSeconds(3600 + 121));
        await World.Renew(session, grip);
        await World.Sweep();
        var now = await World.Job(job);
        Assert.Equal(("failed", Reasons.Timeout), (now.State, now.Reason));
        Assert.True((await World.Finish(grip)).Stale);
    }

    [Fact]
    public async Task A_failure_is_final_unless_the_job_may_fail_again()
    {
        var once = await World.Submit();
        var twice = await World.Submit(new JobLimits(Failures: 1));
        var session = (await World.Register("w")).Session;
        Assert.Equal("failed", (await World.Finish(await World.TakeAndStart(session), "failed", "user_error")).State);
        var grip = await World.TakeAndStart(session);
        Assert.Equal("scheduled", (await World.Finish(grip, "failed", "made_up")).State);
        Assert.Equal(Reasons.UserError, (await World.Job(once)).Reason);
        World.Advance(TimeSpan.FromMinutes(1));
        await World.Sweep();
        Assert.Equal("queued", (await World.Job(twice)).State);
    }
}

public sealed class SqliteEndingTests() : EndingCompliance(new SqliteTestStore());

public sealed class PostgresEndingTests() : EndingCompliance(new PostgresTestStore());
