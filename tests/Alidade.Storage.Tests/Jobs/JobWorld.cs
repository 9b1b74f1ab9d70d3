using Alidade.Engine.Jobs;
using Alidade.Engine.Protocol;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Jobs;

/// <summary>A store with a clock moved by hand, and short words for what users and workers do.</summary>
internal sealed class JobWorld(ITestStore source) : IAsyncDisposable
{
    public const long Queue = 7;

    private readonly FakeTime _time = new();
    private IStore _store = null!;
    private TokenRow _token = null!;

    public long Listening { get; set; }

    public long? Opened { get; set; }

    public async Task OpenAsync()
    {
        _store = await source.OpenAsync("core", _time);
        _token = await _store.WriteAsync(tx =>
        {
            var pool = Pools.Ensure(tx, "default", [], ["*"], 1000, null);
            if (Pools.Tokens(tx, pool).Count == 0)
            {
                Pools.AddToken(tx, pool, "test", "secret", null);
            }

            return Pools.Token(tx, "secret")!;
        });
    }

    /// <summary>The process dies and another opens the same database.</summary>
    public async Task ReopenAsync()
    {
        await _store.DisposeAsync();
        await OpenAsync();
    }

    public void Advance(TimeSpan by) => _time.Advance(by);

    public Task<T> Write<T>(Func<ITransaction, T> work) => _store.WriteAsync(work);

    public Task<T> Read<T>(Func<ISession, T> work) => _store.ReadAsync(work);

    public async Task<long> Submit(
        JobLimits? limits = null,
        long queue = Queue,
        int priority = 0,
        string? plan = "{}",
        TimeSpan? after = null,
        (string, string)? key = null
    ) => (await TrySubmit(limits, queue, priority, plan, after, key)).Job!.Id;

    public Task<Submitted> TrySubmit(
        JobLimits? limits = null,
        long queue = Queue,
        int priority = 0,
        string? plan = "{}",
        TimeSpan? after = null,
        (string, string)? key = null
    ) =>
        Write(tx =>
            JobSubmit.Submit(
                tx,
                New(limits, queue, priority, plan) with
                {
                    RunAt = after is { } wait ? tx.Now + (wait.Ticks / 10) : null,
                    Idempotency = key,
                }
            )
        );

    public NewJob New(JobLimits? limits = null, long queue = Queue, int priority = 0, string? plan = "{}") =>
        new()
        {
            GroupId = 1,
            UserId = 1,
            Experiment = 2,
            Entrypoint = 3,
            Queue = queue,
            Priority = priority,
            Limits = limits ?? JobLimits.Default,
            TimeLimit = 3600 * Timing.Second,
            Detail = new JobDetail
            {
                Run = Guid.NewGuid().ToString("N"),
                Timeout = "1h",
                Plan = plan,
                PlanDigest = "digest",
                PlanError = plan is null ? "graph is empty" : null,
            },
        };

    public Task<Registered> Register(string worker, int slots = 100, params LiveAttempt[] present) =>
        Write(tx =>
            Sessions.Register(
                tx,
                _token,
                new SessionRequest(
                    worker,
                    "host",
                    ["*"],
                    slots,
                    new Dictionary<string, string>(),
                    ["L0"],
                    "0.1.0",
                    present
                ),
                "digest"
            )
        );

    public Task<Claimed?> Claim(long session, int free = 1, long queue = Queue) =>
        Write(tx => JobClaim.Claim(tx, session, [.. Lanes.WithWork(tx).Where(l => l.Queue == queue)], free));

    public async Task<Grip> Take(long session)
    {
        var granted = (await Claim(session))!.Grants.Single().Job;
        return new Grip(session, granted.Id, granted.Attempt!.Value, granted.Fence);
    }

    public async Task<Grip> TakeAndStart(long session)
    {
        var grip = await Take(session);
        Assert.False((await Start(grip)).Stale);
        return grip;
    }

    public Task<Reported> Start(Grip g) => Write(tx => JobReports.Start(tx, g.Attempt, g.Session, g.Fence, "{}"));

    public Task<Reported> Finish(
        Grip g,
        string outcome = "finished",
        string? reason = null,
        string report = "r1",
        (long From, long To)? span = null
    ) =>
        Write(tx =>
            JobReports.Finish(
                tx,
                g.Attempt,
                g.Session,
                new FinishRequest(
                    g.Fence,
                    report,
                    outcome,
                    reason,
                    0,
                    null,
                    null,
                    null,
                    null,
                    1,
                    span?.From,
                    span?.To,
                    null,
                    null
                )
            )
        );

    public Task<Reported> Release(Grip g) => Write(tx => JobReports.Release(tx, g.Attempt, g.Session, g.Fence));

    public Task<Renewal> Renew(long session, params Grip[] live) =>
        Write(tx => Sessions.Renew(tx, session, [.. live.Select(g => g.Live)]));

    public Task<Sweep> Sweep() => Write(tx => Reaper.Run(tx, Listening, Opened));

    public Task<Moved?> User(long job, JobEvent happened) =>
        Write(tx => JobMoves.Move(tx, job, new Change(happened, "user", UserId: 1)));

    public Task<JobRow> Job(long id) =>
        Read(s => s.First<JobRow>("SELECT * FROM job WHERE id = @Id", new { Id = id })!);

    /// <summary>What must hold in the database at any time.</summary>
    public async Task Check()
    {
        var jobs = await Read(s => s.Query<JobRow>("SELECT * FROM job"));
        foreach (var job in jobs)
        {
            var events = await Read(s =>
                s.Query<JobEventRow>("SELECT * FROM job_event WHERE job = @Id ORDER BY seq", new { job.Id })
            );
            var attempts = await Read(s =>
                s.Query<AttemptRow>("SELECT * FROM attempt WHERE job = @Id ORDER BY number", new { job.Id })
            );
            Assert.Equal(Enumerable.Range(1, job.Seq), events.Select(e => e.Seq));
            Assert.Equal((job.State, job.Head), (events[^1].State, events[^1].Id));
            Assert.Equal(Enumerable.Range(1, job.Attempts), attempts.Select(a => a.Number));
            Assert.Equal(job.Attempt, attempts.SingleOrDefault(a => a.IsLive)?.Id);
            Assert.False(job.JobState.IsTerminal() && job.Attempt is not null);
            Assert.Equal(RunOf(job), await Read(s => s.First<RunState>(RunState.Sql, new { job.Id })));
        }
    }

    /// <summary>The run of a job as trackers show it: it begins when the job does.</summary>
    private static RunState RunOf(JobRow job) =>
        new()
        {
            Status = job.JobState switch
            {
                JobState.Finished => "FINISHED",
                JobState.Failed or JobState.Skipped => "FAILED",
                JobState.Cancelled => "KILLED",
                // A job that is silent or being cancelled may never have begun.
                _ => job.Started is null ? "SCHEDULED" : "RUNNING",
            },
            Started = job.Started,
            Ended = job.Ended,
        };

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await source.DisposeAsync();
    }

    private sealed record RunState
    {
        public const string Sql =
            "SELECT r.status, r.started, r.ended FROM run r WHERE r.id = (SELECT run FROM job_detail WHERE job = @Id)";

        public string Status { get; init; } = "";
        public long? Started { get; init; }
        public long? Ended { get; init; }
    }

    /// <summary>A worker's hold on an attempt.</summary>
    public sealed record Grip(long Session, long Job, long Attempt, long Fence)
    {
        public LiveAttempt Live => new(Attempt, Fence, "running");
    }
}
