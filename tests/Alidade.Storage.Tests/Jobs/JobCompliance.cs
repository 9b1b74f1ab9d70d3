using Alidade.Engine.Jobs;
using Alidade.Storage.Jobs;
using Alidade.Storage.Workers;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Jobs;

/// <summary>The queue, on every store: who gets a job, who may speak for it, and that it always ends.</summary>
public abstract class JobCompliance(ITestStore source) : IAsyncLifetime
{
    private readonly JobWorld _world = new(source);

    public async ValueTask InitializeAsync() => await _world.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await _world.Check();
        await _world.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Eight_claimers_at_once_get_each_job_once()
    {
        for (var i = 0; i < 40; i++)
        {
            await _world.Submit();
        }

        var sessions = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => _world.Register($"w{i}")));
        var taken = await Task.WhenAll(
            sessions.Select(s =>
                Task.Run(async () =>
                {
                    var mine = new List<long>();
                    while (mine.Count < 40 && await _world.Claim(s.Session, 2) is { Grants: { Count: > 0 } grants })
                    {
                        mine.AddRange(grants.Select(g => g.Job.Id));
                    }

                    return mine;
                })
            )
        );
        var left = (await _world.Claim(sessions[0].Session, 40))!.Grants.Select(g => g.Job.Id);
        var all = taken.SelectMany(t => t).Concat(left).ToList();
        Assert.Equal(40, all.Count);
        Assert.Equal(40, all.Distinct().Count());
    }

    [Fact]
    public async Task Eight_claimers_at_once_stay_within_the_quota_of_a_group()
    {
        for (var i = 0; i < 20; i++)
        {
            await _world.Submit();
        }

        await _world.Write(tx =>
        {
            GroupQuotas.Set(tx, new GroupQuota { GroupId = 1, Running = 3 });
            return true;
        });
        var sessions = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => _world.Register($"w{i}")));
        var taken = await Task.WhenAll(
            sessions.Select(s => Task.Run(async () => (await _world.Claim(s.Session, 2))!.Grants))
        );
        Assert.Equal(3, taken.Sum(t => t.Count));

        var (grants, session) = taken.Zip(sessions, (grants, s) => (grants, s.Session)).First(t => t.grants.Count > 0);
        var job = grants[0].Job;
        await _world.Finish(new(session, job.Id, job.Attempt!.Value, job.Fence));
        Assert.Single((await _world.Claim(sessions[0].Session, 5))!.Grants);
    }

    [Fact]
    public async Task Eight_submits_at_once_stay_within_the_waiting_jobs_of_a_group()
    {
        await _world.Write(tx =>
        {
            GroupQuotas.Set(tx, new GroupQuota { GroupId = 1, Waiting = 3 });
            return true;
        });
        await _world.Submit(after: TimeSpan.FromHours(1));
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(SubmitWithin)));
        Assert.Equal(2, taken.Count(id => id is not null));

        // What a worker has taken waits no more, and the limit of another group is its own.
        var worker = await _world.Register("w");
        await _world.Take(worker.Session);
        Assert.NotNull(await SubmitWithin());
        Assert.Null(await SubmitWithin());
        Assert.Null(await _world.Write(tx => GroupQuotas.FullAt(tx, 2)));

        Task<long?> SubmitWithin() =>
            _world.Write(tx => GroupQuotas.FullAt(tx, 1) is null ? JobSubmit.Submit(tx, _world.New()).Job?.Id : null);
    }

    [Fact]
    public async Task Jobs_are_granted_by_priority_then_age_within_slots_and_watched_queues()
    {
        var first = await _world.Submit();
        var urgent = await _world.Submit(priority: 1);
        var elsewhere = await _world.Submit(queue: 8);
        var worker = await _world.Register("w", slots: 2);
        var claimed = (await _world.Claim(worker.Session, 10))!.Grants.Select(g => g.Job.Id);
        Assert.Equal([urgent, first], claimed);
        Assert.Empty((await _world.Claim(worker.Session, 1, queue: 8))!.Grants);
        Assert.Equal("queued", (await _world.Job(elsewhere)).State);
    }

    [Fact]
    public async Task A_job_without_a_plan_fails_when_a_worker_would_take_it()
    {
        var bad = await _world.Submit(plan: null);
        var good = await _world.Submit();
        var worker = await _world.Register("w");
        var claimed = await _world.Claim(worker.Session, 5);
        Assert.Equal([good], claimed!.Grants.Select(g => g.Job.Id));
        var job = await _world.Job(bad);
        Assert.Equal(("failed", Reasons.Rejected, "graph is empty"), (job.State, job.Reason, job.Message));
    }

    [Fact]
    public async Task The_same_key_gives_the_same_job_and_another_request_under_it_none()
    {
        var first = await _world.TrySubmit(key: ("k", "a"));
        var again = await _world.TrySubmit(key: ("k", "a"));
        var other = await _world.TrySubmit(key: ("k", "b"));
        Assert.Equal((first.Job!.Id, false), (again.Job!.Id, again.IsNew));
        Assert.True(other.Conflict);
    }

    [Fact]
    public async Task A_key_is_forgotten_after_a_week()
    {
        await _world.TrySubmit(key: ("k", "a"));
        _world.Advance(TimeSpan.FromDays(6));
        await _world.Sweep();
        Assert.True((await _world.TrySubmit(key: ("k", "b"))).Conflict);
        _world.Advance(TimeSpan.FromDays(1.1));
        await _world.Sweep();
        Assert.True((await _world.TrySubmit(key: ("k", "b"))).IsNew);
    }

    [Theory]
    [InlineData(24, Reasons.Poison)]
    [InlineData(40, Reasons.Lost)] // the first loss is older than three days when the third comes
    public async Task Losses_on_several_workers_within_three_days_are_poison(int hours, string reason)
    {
        var job = await _world.Submit(new JobLimits(Losses: 2));
        for (var loss = 0; loss < 3; loss++)
        {
            await _world.Finish(await _world.TakeAndStart((await _world.Register($"w{loss}")).Session), "lost");
            _world.Advance(TimeSpan.FromHours(hours));
            await _world.Sweep();
        }

        var row = await _world.Job(job);
        Assert.Equal(("failed", reason), (row.State, row.Reason));
    }

    [Theory]
    [InlineData(3, 3)] // the server was away when it ended
    [InlineData(900, 600)] // no job ends after it was heard of
    public async Task A_job_that_ended_while_nobody_listened_ended_then(int ran, int seconds)
    {
        var job = await _world.Submit();
        var grip = await _world.TakeAndStart((await _world.Register("w")).Session);
        _world.Advance(TimeSpan.FromSeconds(600));
        await _world.Finish(grip, span: (5, 5 + (ran * 1_000_000L))); // a clock of 1970 does no harm
        var row = await _world.Job(job);
        Assert.Equal(seconds, (row.Ended!.Value - row.Started!.Value) / 1e6, tolerance: 0.01);
    }

    [Fact]
    public async Task A_finish_is_taken_once_and_answered_alike_for_ever()
    {
        var job = await _world.Submit();
        var grip = await _world.TakeAndStart((await _world.Register("w")).Session);
        Assert.Equal("finished", (await _world.Finish(grip)).State);
        var replay = await _world.Finish(grip);
        Assert.Equal((false, "finished", null), (replay.Stale, replay.State, replay.Moved));
        Assert.True((await _world.Finish(grip, "failed", report: "r2")).Stale);
        Assert.Equal("finished", (await _world.Job(job)).State);
    }

    [Fact]
    public async Task A_stale_fence_or_a_foreign_session_changes_nothing()
    {
        var job = await _world.Submit();
        var session = (await _world.Register("w")).Session;
        var other = (await _world.Register("v")).Session;
        var old = await _world.Take(session);
        await _world.Release(old);
        var now = await _world.Take(session);
        foreach (var bad in new[] { old, now with { Fence = old.Fence }, now with { Session = other } })
        {
            Assert.True((await _world.Start(bad)).Stale);
            Assert.True((await _world.Finish(bad)).Stale);
            Assert.True((await _world.Release(bad)).Stale);
        }

        Assert.Equal([old.Attempt], (await _world.Renew(session, now, old)).Reply!.Stop);
        Assert.Equal(("claimed", 2), ((await _world.Job(job)).State, (await _world.Job(job)).Attempts));
    }

    [Fact]
    public async Task Silence_makes_unreachable_then_lost_then_tried_again_and_at_last_failed()
    {
        var job = await _world.Submit();
        for (var loss = 1; loss <= 3; loss++)
        {
            var session = (await _world.Register("w")).Session;
            var grip = await _world.TakeAndStart(session);
            _world.Advance(TimeSpan.FromSeconds(61));
            await _world.Sweep();
            Assert.Equal("unreachable", (await _world.Job(job)).State);
            _world.Advance(TimeSpan.FromSeconds(240));
            await _world.Sweep();
            Assert.True((await _world.Finish(grip)).Stale);
            Assert.Equal(loss < 3 ? "scheduled" : "failed", (await _world.Job(job)).State);
            _world.Advance(TimeSpan.FromMinutes(10));
            await _world.Sweep();
        }

        Assert.Equal(Reasons.Lost, (await _world.Job(job)).Reason);
    }

    [Fact]
    public async Task A_worker_that_speaks_again_keeps_its_job()
    {
        var job = await _world.Submit();
        var session = (await _world.Register("w")).Session;
        var grip = await _world.TakeAndStart(session);
        _world.Advance(TimeSpan.FromSeconds(200));
        await _world.Sweep();
        await _world.Renew(session, grip);
        Assert.Equal("running", (await _world.Job(job)).State);
        Assert.Equal("finished", (await _world.Finish(grip)).State);
    }

    [Fact]
    public async Task A_renewal_that_commits_during_the_sweep_keeps_the_job()
    {
        var job = await _world.Submit();
        var session = (await _world.Register("w")).Session;
        var grip = await _world.TakeAndStart(session);
        _world.Advance(TimeSpan.FromSeconds(100));
        await _world.Sweep();
        Assert.Equal("unreachable", (await _world.Job(job)).State);
        _world.Advance(TimeSpan.FromSeconds(300));

        var renewed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var commit = new ManualResetEventSlim();
        // On a thread of its own: work may run on the caller's.
        var renewal = Task.Run(() =>
            _world.Write(tx =>
            {
                var reply = Sessions.Renew(tx, session, [grip.Live]);
                renewed.SetResult();
                commit.Wait(TestContext.Current.CancellationToken);
                return reply;
            })
        );
        await renewed.Task;
        var sweep = _world.Sweep();
        // Room for the sweep to come as far as it can: on PostgreSQL to the locks of the renewal, on SQLite to its turn.
        await Task.WhenAny(sweep, Task.Delay(300, TestContext.Current.CancellationToken));
        commit.Set();
        await Task.WhenAll(renewal, sweep);

        Assert.Equal("running", (await _world.Job(job)).State);
    }

    [Fact]
    public async Task Silence_before_the_server_could_hear_is_not_counted()
    {
        var job = await _world.Submit();
        var grip = await _world.TakeAndStart((await _world.Register("w")).Session);
        _world.Advance(TimeSpan.FromHours(1));
        await _world.ReopenAsync();
        _world.Listening = await _world.Write(tx => tx.Now);
        await _world.Sweep();
        Assert.Equal("running", (await _world.Job(job)).State);
        await _world.Renew(grip.Session, grip);
        Assert.Equal("finished", (await _world.Finish(grip)).State);
    }

    [Fact]
    public async Task Many_workers_silent_at_once_lose_nothing_until_that_is_believed()
    {
        for (var i = 0; i < 6; i++)
        {
            await _world.Submit();
            await _world.TakeAndStart((await _world.Register($"w{i}")).Session);
        }

        _world.Advance(TimeSpan.FromSeconds(61));
        await _world.Sweep();
        _world.Advance(TimeSpan.FromSeconds(300));
        var sweep = await _world.Sweep();
        Assert.True(sweep.Broken);
        Assert.Empty(sweep.Moved);

        _world.Opened = await _world.Write(tx => tx.Now);
        _world.Advance(TimeSpan.FromSeconds(299));
        Assert.True((await _world.Sweep()).Broken);
        _world.Advance(TimeSpan.FromSeconds(2));
        var believed = await _world.Sweep();
        Assert.Equal((false, 6), (believed.Broken, believed.Moved.Count));
        Assert.False((await _world.Sweep()).IsMass, "the sessions of the lost workers have ended");
    }

    [Fact]
    public async Task An_attempt_missing_from_two_renewals_is_gone_though_its_worker_lives()
    {
        var began = await _world.Submit();
        var waiting = await _world.Submit();
        var session = (await _world.Register("w")).Session;
        await _world.TakeAndStart(session);
        await _world.Take(session);
        await _world.Renew(session);
        _world.Advance(TimeSpan.FromSeconds(1));
        await _world.Renew(session);
        Assert.Equal(["running", "claimed"], [(await _world.Job(began)).State, (await _world.Job(waiting)).State]);
        _world.Advance(TimeSpan.FromSeconds(15));
        await _world.Renew(session);
        Assert.Equal(["scheduled", "queued"], [(await _world.Job(began)).State, (await _world.Job(waiting)).State]);
    }

    [Fact]
    public async Task A_worker_that_returns_keeps_what_it_presents_and_loses_the_rest_at_once()
    {
        var kept = await _world.Submit();
        var lost = await _world.Submit();
        var old = (await _world.Register("w")).Session;
        var grip = await _world.TakeAndStart(old);
        var dropped = await _world.TakeAndStart(old);
        await _world.ReopenAsync();
        var back = await _world.Register("w", 10, grip.Live, dropped.Live with { Fence = 99 });
        Assert.Equal([dropped.Attempt], back.Stop);
        Assert.Null((await _world.Renew(old, grip)).Reply);
        Assert.Null(await _world.Claim(old));
        Assert.Equal("scheduled", (await _world.Job(lost)).State);
        Assert.True((await _world.Finish(grip)).Stale);
        Assert.Equal("finished", (await _world.Finish(grip with { Session = back.Session })).State);
        Assert.Equal("finished", (await _world.Job(kept)).State);
    }

    [Theory]
    [InlineData(0, "cancelled")]
    [InlineData(1, "cancelled")]
    [InlineData(2, "cancelling")]
    [InlineData(3, "cancelling")]
    [InlineData(4, "cancelling")]
    public async Task A_cancel_is_at_once_while_waiting_and_in_two_steps_while_owned(int stage, string then)
    {
        var job = await _world.Submit(after: stage == 0 ? TimeSpan.FromMinutes(1) : null);
        var session = (await _world.Register("w")).Session;
        var grip =
            stage < 2 ? null
            : stage == 2 ? await _world.Take(session)
            : await _world.TakeAndStart(session);
        if (stage == 4)
        {
            _world.Advance(TimeSpan.FromSeconds(61));
            await _world.Sweep();
        }

        await _world.User(job, JobEvent.Cancel);
        Assert.Equal(then, (await _world.Job(job)).State);
        if (grip is not null)
        {
            Assert.Equal([grip.Attempt], (await _world.Renew(session, grip)).Reply!.Cancel);
            Assert.Equal("cancelled", (await _world.Finish(grip, "cancelled")).State);
        }

        Assert.Null(await _world.User(job, JobEvent.Cancel));
        Assert.Equal("queued", (await _world.User(job, JobEvent.Requeue))!.Now.State);
    }

    [Fact]
    public async Task A_cancel_nobody_confirms_is_forced_and_a_job_already_done_stays_done()
    {
        var forced = await _world.Submit();
        var done = await _world.Submit();
        var session = (await _world.Register("w")).Session;
        var silent = await _world.TakeAndStart(session);
        var ready = await _world.TakeAndStart(session);
        await _world.User(forced, JobEvent.Cancel);
        await _world.User(done, JobEvent.Cancel);
        Assert.Equal("finished", (await _world.Finish(ready)).State);
        _world.Advance(TimeSpan.FromSeconds(301));
        await _world.Renew(session, silent);
        await _world.Sweep();
        var job = await _world.Job(forced);
        Assert.Equal(("cancelled", Reasons.Unconfirmed), (job.State, job.Reason));
        Assert.Equal([silent.Attempt], (await _world.Renew(session, silent)).Reply!.Stop);
    }

    [Fact]
    public async Task Time_limits_hold_even_when_the_worker_says_nothing()
    {
        var job = await _world.Submit();
        var session = (await _world.Register("w")).Session;
        var grip = await _world.TakeAndStart(session);
        _world.Advance(TimeSpan.FromSeconds(3600 + 121));
        await _world.Renew(session, grip);
        await _world.Sweep();
        var now = await _world.Job(job);
        Assert.Equal(("failed", Reasons.Timeout), (now.State, now.Reason));
        Assert.True((await _world.Finish(grip)).Stale);
    }

    [Fact]
    public async Task A_failure_is_final_unless_the_job_may_fail_again()
    {
        var once = await _world.Submit();
        var twice = await _world.Submit(new JobLimits(Failures: 1));
        var session = (await _world.Register("w")).Session;
        Assert.Equal("failed", (await _world.Finish(await _world.TakeAndStart(session), "failed", "user_error")).State);
        var grip = await _world.TakeAndStart(session);
        Assert.Equal("scheduled", (await _world.Finish(grip, "failed", "made_up")).State);
        Assert.Equal(Reasons.UserError, (await _world.Job(once)).Reason);
        _world.Advance(TimeSpan.FromMinutes(1));
        await _world.Sweep();
        Assert.Equal("queued", (await _world.Job(twice)).State);
    }

    [Fact]
    public async Task Nothing_is_granted_after_a_drain()
    {
        await _world.Submit();
        var session = (await _world.Register("w")).Session;
        await _world.Write(tx => Alidade.Storage.Workers.Sessions.Drain(tx, session));
        Assert.Empty((await _world.Claim(session))!.Grants);
        Assert.True((await _world.Renew(session)).Reply!.Drain);
    }

    [Fact]
    public async Task Jobs_survive_the_process_at_every_stage()
    {
        var session = (await _world.Register("w")).Session;
        var running = await _world.Submit();
        var grip = await _world.TakeAndStart(session);
        var queued = await _world.Submit();
        await _world.ReopenAsync();
        Assert.Equal(["running", "queued"], [(await _world.Job(running)).State, (await _world.Job(queued)).State]);
        Assert.Equal("finished", (await _world.Finish(grip)).State);
        Assert.Equal([queued], (await _world.Claim(session))!.Grants.Select(g => g.Job.Id));
    }
}

public sealed class SqliteJobTests() : JobCompliance(new SqliteTestStore());

public sealed class PostgresJobTests() : JobCompliance(new PostgresTestStore());
