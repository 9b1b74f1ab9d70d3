using Alidade.Engine.Protocol;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;
using Alidade.Testing;
using Alidade.Testing.Queue;

namespace Alidade.Storage.Tests.Jobs;

/// <summary>Takes the steps of the model on a real store and gives its answers in the model's words.</summary>
internal sealed class QueueDriver(IStore store, FakeTime time, TokenRow token, IReadOnlyList<ModelWorker> workers)
{
    /// <summary>Far from the ids that a queue could be mistaken for.</summary>
    private const long FirstQueue = 1_000_000;

    private readonly List<long> _jobs = [];
    private readonly List<long> _attempts = [];
    private readonly List<long> _sessions = [];

    /// <summary>The id of the newest job, when the last step made one.</summary>
    public long? NewJob { get; private set; }

    /// <returns>The store's clock during the step, and what it answered.</returns>
    public async Task<(long Now, string Answer)> TakeAsync(Step step)
    {
        NewJob = null;
        if (step is Step.Advance { Micros: var span })
        {
            time.Advance(TimeSpan.FromTicks(span * 10));
            return (0, "");
        }

        var (now, answer) = await store.WriteAsync(tx => (tx.Now, Answer(tx, step)));
        return (now, answer());
    }

    /// <summary>These jobs, those that are open, and those that have changed since.</summary>
    public Task<IReadOnlyList<string>> LinesAsync(long since, long[] ids) =>
        store.ReadAsync<IReadOnlyList<string>>(s =>
            [
                .. s.Query<JobRow>(
                        """
                        SELECT * FROM job WHERE modified >= @since OR id = ANY(@ids)
                            OR state NOT IN ('finished', 'failed', 'cancelled', 'skipped') ORDER BY id
                        """,
                        new { since, ids }
                    )
                    .Select(Line),
            ]
        );

    public static string Line(JobRow j) =>
        FormattableString.Invariant(
            $"job {j.Id} {j.State} before={j.Before} reason={j.Reason} fence={j.Fence} attempts={j.Attempts} "
        )
        + FormattableString.Invariant(
            $"failures={j.Failures} losses={j.Losses} starts={j.Starts} live={j.Attempt is not null} events={j.Seq} "
        )
        + FormattableString.Invariant(
            $"runAt={j.RunAt} rank={j.Rank} waits={j.Waits} awaited={j.Awaited != 0} notAfter={j.NotAfter} "
        )
        + FormattableString.Invariant($"cancel={j.CancelRequested}");

    /// <summary>The transaction may run again, so what the driver learns from it is taken in afterwards.</summary>
    private Func<string> Answer(ITransaction tx, Step step) =>
        step switch
        {
            Step.Submit s => Submit(tx, s),
            Step.Register s => Register(tx, s),
            Step.Leave s => Said(Leave(tx, s)),
            Step.Claim s => Claim(tx, s),
            Step.Renew s => Said(Renew(tx, s)),
            Step.Start s => Said(
                Word(JobReports.Start(tx, _attempts[s.Hold.Attempt], _sessions[s.Hold.Session], s.Hold.Fence, "{}"))
            ),
            Step.Finish s => Said(
                Word(JobReports.Finish(tx, _attempts[s.Hold.Attempt], _sessions[s.Hold.Session], Report(s)))
            ),
            Step.Release s => Said(
                Word(JobReports.Release(tx, _attempts[s.Hold.Attempt], _sessions[s.Hold.Session], s.Hold.Fence))
            ),
            Step.Drain s => Said(
                $"{(s.On ? Sessions.Drain(tx, _sessions[s.Session]) : Sessions.Resume(tx, _sessions[s.Session]))}"
            ),
            Step.Pause s => Said(Pause(tx, s)),
            Step.Quota s => Said(Limit(tx, s)),
            Step.User s => Said(
                JobMoves.Move(tx, _jobs[s.Job], new Change(s.Event, "user", UserId: 1))?.Now.State ?? "refused"
            ),
            Step.Sweep => Said(Swept(tx)),
            Step.Settle => Said(Settled(tx)),
            _ => throw new ArgumentOutOfRangeException(nameof(step)),
        };

    private static Func<string> Said(string answer) => () => answer;

    private static string Word(Reported reported) => reported.Stale ? "stale" : reported.State;

    private static string Swept(ITransaction tx) => Reaper.Run(tx, 0, opened: 0).Broken ? "broken" : "";

    private static string Settled(ITransaction tx) => Dependents.Settle(tx).More ? "more" : "";

    private Func<string> Submit(ITransaction tx, Step.Submit s)
    {
        var job = new NewJob
        {
            GroupId = s.Group,
            UserId = 1,
            Experiment = 2,
            Entrypoint = 3,
            Queue = FirstQueue + s.Queue,
            Priority = s.Priority,
            Shape = s.Shape,
            Limits = s.Limits,
            LostAfter = s.LostAfter,
            TimeLimit = 3600 * Timing.Second,
            RunAt = s.Delay is { } delay ? tx.Now + delay : null,
            NotAfter = tx.Now + s.StartWithin,
            After = [.. s.After.Select(a => _jobs[a])],
            AfterPolicy = s.Policy,
            Idempotency = s.Key is { } key ? ($"key {key}", $"{s.Draw}") : null,
            Detail = new JobDetail
            {
                Run = Guid.NewGuid().ToString("N"),
                Timeout = "1h",
                Plan = s.HasPlan ? "{}" : null,
                PlanDigest = "digest",
            },
        };
        var submitted = JobSubmit.Submit(tx, job);
        return () =>
        {
            if (submitted.Job is not { } row)
            {
                return "conflict";
            }

            if (!submitted.IsNew)
            {
                return $"again {_jobs.IndexOf(row.Id)}";
            }

            NewJob = row.Id;
            _jobs.Add(row.Id);
            return $"new {_jobs.Count - 1}";
        };
    }

    private Func<string> Register(ITransaction tx, Step.Register s)
    {
        var worker = workers[s.Worker];
        var request = new SessionRequest(
            worker.Name,
            "host",
            ["*"],
            worker.Slots,
            worker.Labels,
            ["L0"],
            "1",
            Live(s.Present),
            new WorkerResources(worker.Capacity.Cpu / 1000.0, worker.Capacity.Memory, (int)worker.Capacity.Gpus),
            worker.DataFolders
        );
        var registered = Sessions.Register(tx, token, request, "digest");
        return () =>
        {
            _sessions.Add(registered.Session);
            return $"session {_sessions.Count - 1} stop {Places(registered.Stop)}";
        };
    }

    private string Leave(ITransaction tx, Step.Leave s)
    {
        var session = tx.First<long?>(
            """
            SELECT s.id FROM worker_session s JOIN worker w ON w.id = s.worker
            WHERE w.name = @Name AND s.ended IS NULL
            """,
            new { workers[s.Worker].Name }
        );
        return $"{session is { } live && Sessions.Leave(tx, live)}";
    }

    private Func<string> Claim(ITransaction tx, Step.Claim s)
    {
        var claimed = JobClaim.Claim(tx, _sessions[s.Session], Lanes.WithWork(tx), s.Free);
        return () =>
        {
            if (claimed is null)
            {
                return "gone";
            }

            _attempts.AddRange(claimed.Grants.Select(g => g.Job.Attempt!.Value));
            return "granted " + string.Join(',', claimed.Grants.Select(g => _jobs.IndexOf(g.Job.Id)));
        };
    }

    private string Renew(ITransaction tx, Step.Renew s) =>
        Sessions.Renew(tx, _sessions[s.Session], Live(s.Live)).Reply is { } reply
            ? $"stop {Places(reply.Stop)} cancel {Places(reply.Cancel)} drain {reply.Drain}"
            : "gone";

    private static string Pause(ITransaction tx, Step.Pause s)
    {
        var sql = s.On
            ? "INSERT INTO queue_pause (queue, user_id, at) VALUES (@Queue, 1, 1) ON CONFLICT (queue) DO NOTHING"
            : "DELETE FROM queue_pause WHERE queue = @Queue";
        tx.Execute(sql, new { Queue = FirstQueue + s.Queue });
        return "";
    }

    private static string Limit(ITransaction tx, Step.Quota s)
    {
        GroupQuotas.Set(tx, new GroupQuota { GroupId = s.Group, Running = s.Running });
        return "";
    }

    private static FinishRequest Report(Step.Finish s) =>
        new(
            s.Hold.Fence,
            $"report {s.Report}",
            s.Outcome,
            s.Reason,
            0,
            null,
            null,
            null,
            null,
            1,
            s.Clock,
            s.Clock + s.Ran,
            null,
            null
        );

    private LiveAttempt[] Live(IReadOnlyList<Said> said) =>
        [.. said.Select(l => new LiveAttempt(_attempts[l.Attempt], l.Fence, l.Phase))];

    private string Places(IReadOnlyList<long> attempts) => string.Join(',', attempts.Select(a => _attempts.IndexOf(a)));
}
