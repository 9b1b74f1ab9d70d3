using Alidade.Engine.Jobs;
using Alidade.Storage.Jobs;

namespace Alidade.Testing.Queue;

/// <summary>
/// The queue as it should be, in memory: jobs, workers, sessions, attempts and one clock. It decides by the table of the
/// engine and otherwise shares nothing with the stores, so where they differ, one of them is wrong.
/// </summary>
public sealed partial class QueueModel
{
    private readonly List<ModelAttempt> _live = [];
    private readonly List<ModelJob> _open = [];
    private readonly SortedSet<int> _settled = [];
    private readonly HashSet<int> _paused = [];
    private readonly Dictionary<long, int> _quotas = [];
    private readonly Dictionary<int, (int Job, long At)> _keys = [];

    public List<ModelJob> Jobs { get; } = [];

    /// <summary>Jobs that have not ended, in no order.</summary>
    public IReadOnlyList<ModelJob> OpenJobs => _open;

    public List<ModelAttempt> Attempts { get; } = [];

    public List<ModelSession> Sessions { get; } = [];

    public required IReadOnlyList<ModelWorker> Workers { get; init; }

    /// <summary>Microseconds; a store's own clock is taken over before each step.</summary>
    public long Now { get; set; }

    /// <summary>Jobs whose state or counters the last step changed.</summary>
    public HashSet<int> Touched { get; } = [];

    public IReadOnlySet<int> Paused => _paused;

    /// <summary>Takes one step and says what was answered.</summary>
    /// <param name="id">The id that a store gave to a job that is submitted.</param>
    public string Take(Step step, long? id = null)
    {
        Touched.Clear();
        return step switch
        {
            Step.Submit s => Submit(s, id),
            Step.Register s => Register(s),
            Step.Leave s => Leave(s),
            Step.Claim s => Claim(s),
            Step.Renew s => Renew(s),
            Step.Start s => Start(s),
            Step.Finish s => Finish(s),
            Step.Release s => Release(s),
            Step.Drain s => Drain(s),
            Step.Pause s => Pause(s),
            Step.Quota s => Limit(s),
            Step.User s => Move(Jobs[s.Job], s.Event) ? Jobs[s.Job].Facts.State.Word() : "refused",
            Step.Sweep => Sweep(),
            Step.Settle => Settle(),
            Step.Advance => "",
            _ => throw new ArgumentOutOfRangeException(nameof(step)),
        };
    }

    /// <summary>The only place that changes a state; false when the table refuses.</summary>
    private bool Move(ModelJob job, JobEvent happened, string? reason = null, int? session = null, long? endedAt = null)
    {
        var before = job.Facts;
        var facts = happened is JobEvent.Lost or JobEvent.CancelConfirmed ? WithLosses(job) : before;
        if (JobMachine.Decide(facts, happened, reason) is not { } decision)
        {
            return false;
        }

        job.Facts = JobMachine.Apply(before, decision);
        job.Reason = decision.Reason;
        job.Events.Add(job.Facts.State);
        MoveAttempt(job, decision, session, endedAt);
        job.RunAt = RunAt(job, decision, happened);
        job.CancelRequested = happened switch
        {
            JobEvent.Cancel => Now,
            JobEvent.Requeue => null,
            _ => job.CancelRequested,
        };
        job.NotAfter = happened is JobEvent.Start or JobEvent.Requeue ? null : job.NotAfter;
        if (before.State.IsTerminal() != job.Facts.State.IsTerminal())
        {
            Keep(job);
        }

        Ended(job);
        Touched.Add(job.Index);
        Check(job, before, happened);
        return true;
    }

    private JobFacts WithLosses(ModelJob job)
    {
        var since = Now - Timing.Poison;
        var lost = job.Attempts.Where(a => a.State == AttemptState.Lost && a.Ended > since).ToList();
        var workers = lost.Concat(job.Attempts.Where(a => a.State.IsLive())).Select(a => a.Worker).Distinct().Count();
        return job.Facts with { LossWorkers = workers, RecentLosses = lost.Count };
    }

    private void MoveAttempt(ModelJob job, Decision decision, int? session, long? endedAt)
    {
        if (decision.Effects.HasFlag(Effects.Grant))
        {
            var attempt = new ModelAttempt(Attempts.Count, job.Index, job.Facts.Attempts, job.Facts.Fence)
            {
                Session = session!.Value,
                Worker = Sessions[session.Value].Worker,
                Granted = Now,
            };
            Attempts.Add(attempt);
            _live.Add(attempt);
            job.Attempts.Add(attempt);
        }
        else if (decision.Attempt is { } state)
        {
            var attempt = job.Attempts[^1];
            attempt.State = state;
            attempt.MissedSince = null;
            attempt.Deadline = state.IsLive() ? Now + job.TimeLimit + Timing.TimeLimitGrace : null;
            attempt.Ended = state.IsLive() ? null : endedAt ?? Now;
            attempt.Started ??= state.IsLive() ? Now : null;
        }
    }

    private long RunAt(ModelJob job, Decision decision, JobEvent happened)
    {
        if (decision.Effects.HasFlag(Effects.Delay))
        {
            var tries = job.Facts.Failures + job.Facts.Losses - 1;
            return Now + (Waiting.Backoff(tries, Waiting.Spread(job.Id, job.Facts.Attempts)).Ticks / 10);
        }

        return happened switch
        {
            JobEvent.Hold => JobRow.Held,
            JobEvent.Requeue => Now,
            _ => job.RunAt,
        };
    }

    private void Keep(ModelJob job)
    {
        if (job.Facts.State.IsTerminal())
        {
            _open.Remove(job);
        }
        else
        {
            _open.Add(job);
        }
    }

    private void Ended(ModelJob job)
    {
        if (job.Awaited && job.Facts.State.IsTerminal())
        {
            _settled.Add(job.Index);
        }
    }
}
