using Alidade.Engine.Jobs;
using Alidade.Storage.Jobs;

namespace Alidade.Testing.Queue;

/// <summary>What workers do, and what they are given.</summary>
public sealed partial class QueueModel
{
    public IReadOnlyList<ModelAttempt> Live
    {
        get
        {
            _live.RemoveAll(a => !a.State.IsLive());
            return _live;
        }
    }

    /// <summary>The session of a worker that has not ended; there is at most one.</summary>
    public int? Session(int worker)
    {
        var session = Sessions.FindLastIndex(s => s.Worker == worker);
        return session >= 0 && !Sessions[session].Ended ? session : null;
    }

    public Capacity Free(int worker) =>
        LiveOf(worker).Aggregate(Workers[worker].Capacity, (free, a) => free.Without(Jobs[a.Job].Asked.Shape.Capacity));

    public IEnumerable<ModelAttempt> LiveOf(int worker) => Live.Where(a => a.Worker == worker);

    /// <summary>Jobs that a worker with this much left may be given.</summary>
    public IEnumerable<ModelJob> Eligible(int worker, Capacity free) =>
        _open.Where(j =>
            j.Facts.State == JobState.Queued
            && !_paused.Contains(j.Asked.Queue)
            && !IsFull(j.Asked.Group)
            && j.Asked.Shape.Fits(Workers[worker].Offer with { Capacity = free })
        );

    private bool IsFull(long group) => _quotas.TryGetValue(group, out var most) && HeldBy(group) >= most;

    private int HeldBy(long group) => _open.Count(j => j.Asked.Group == group && IsHeld(j.Facts.State));

    private string Register(Step.Register asked)
    {
        if (Session(asked.Worker) is { } old)
        {
            Sessions[old].Ended = true;
        }

        Sessions.Add(new ModelSession(asked.Worker, Now));
        var owned = LiveOf(asked.Worker).OrderBy(a => Jobs[a.Job].Id).ToList();
        owned.ForEach(a => a.Session = Sessions.Count - 1);
        owned.ForEach(a => AdoptOr(a, asked.Present, Gone));
        return $"session {Sessions.Count - 1} stop {Stop(asked.Present, owned)}";
    }

    private string Leave(Step.Leave asked)
    {
        if (Session(asked.Worker) is not { } session)
        {
            return "False";
        }

        Sessions[session].Ended = true;
        return "True";
    }

    private string Drain(Step.Drain asked)
    {
        var session = Sessions[asked.Session];
        if (session.Ended || session.Draining == asked.On)
        {
            // A drain said twice is still a drain.
            return $"{!session.Ended && asked.On}";
        }

        session.Draining = asked.On;
        return "True";
    }

    private string Claim(Step.Claim asked)
    {
        var session = Sessions[asked.Session];
        if (session.Ended)
        {
            return "gone";
        }

        var worker = session.Worker;
        var slots = session.Draining ? 0 : Math.Min(asked.Free, Workers[worker].Slots - LiveOf(worker).Count());
        var free = Free(worker);
        var held = _open
            .Where(j => IsHeld(j.Facts.State))
            .GroupBy(j => j.Asked.Group)
            .ToDictionary(g => g.Key, g => g.Count());
        var granted = new List<int>();
        while (granted.Count < slots && Next(worker, free, held) is { } job)
        {
            if (!job.Asked.HasPlan)
            {
                Move(job, JobEvent.Reject);
                continue;
            }

            Move(job, JobEvent.Claim, session: asked.Session);
            held[job.Asked.Group] = held.GetValueOrDefault(job.Asked.Group) + 1;
            free = free.Without(job.Asked.Shape.Capacity);
            granted.Add(job.Index);
        }

        CheckClaim(worker, slots, granted, free);
        return "granted " + string.Join(',', granted);
    }

    private ModelJob? Next(int worker, Capacity free, Dictionary<long, int> held) =>
        Eligible(worker, free)
            .OrderBy(j => held.GetValueOrDefault(j.Asked.Group))
            .ThenBy(j => j.Rank)
            .ThenBy(j => j.Id)
            .FirstOrDefault();

    private static bool IsHeld(JobState state) =>
        state is JobState.Claimed or JobState.Running or JobState.Unreachable or JobState.Cancelling;

    private string Renew(Step.Renew asked)
    {
        var session = Sessions[asked.Session];
        if (session.Ended)
        {
            return "gone";
        }

        session.Seen = Now;
        var owned = Live.Where(a => a.Session == asked.Session).OrderBy(a => Jobs[a.Job].Id).ToList();
        owned.ForEach(a => AdoptOr(a, asked.Live, Miss));
        var cancel = Live.Where(a => a.Session == asked.Session && Jobs[a.Job].Facts.State == JobState.Cancelling)
            .Select(a => a.Index);
        return $"stop {Stop(asked.Live, owned)} cancel {string.Join(',', cancel)} drain {session.Draining}";
    }

    private void AdoptOr(ModelAttempt attempt, IReadOnlyList<Said> present, Action<ModelAttempt> otherwise)
    {
        if (present.FirstOrDefault(p => p.Attempt == attempt.Index && p.Fence == attempt.Fence) is { } said)
        {
            (attempt.Phase, attempt.MissedSince) = (said.Phase, null);
            Move(Jobs[attempt.Job], JobEvent.Renewed);
        }
        else
        {
            otherwise(attempt);
        }
    }

    private void Miss(ModelAttempt attempt)
    {
        if (attempt.MissedSince is { } since)
        {
            if (Now - since >= Timing.BetweenMisses)
            {
                Gone(attempt);
            }
        }
        else
        {
            attempt.MissedSince = Now;
        }
    }

    private void Gone(ModelAttempt attempt)
    {
        var job = Jobs[attempt.Job];
        Move(job, job.Facts.State == JobState.Claimed ? JobEvent.StartDeadline : JobEvent.Lost);
    }

    private static string Stop(IReadOnlyList<Said> said, List<ModelAttempt> owned) =>
        string.Join(
            ',',
            said.Select(s => (s.Attempt, s.Fence))
                .Except(owned.Select(a => (a.Index, a.Fence)))
                .Select(s => s.Item1)
                .Distinct()
                .Order()
        );

    private ModelAttempt? Owned(Hold hold)
    {
        var attempt = Attempts[hold.Attempt];
        return attempt.State.IsLive() && attempt.Session == hold.Session && attempt.Fence == hold.Fence
            ? attempt
            : null;
    }

    private string Start(Step.Start asked)
    {
        if (Owned(asked.Hold) is not { } attempt)
        {
            return "stale";
        }

        var job = Jobs[attempt.Job];
        Move(job, JobEvent.Renewed);
        if (attempt.State == AttemptState.Granted && !Move(job, JobEvent.Start))
        {
            (attempt.State, attempt.Started) = (AttemptState.Running, Now);
        }

        return job.Facts.State.Word();
    }

    private string Finish(Step.Finish asked)
    {
        var said = Attempts[asked.Hold.Attempt];
        if (said.Report == asked.Report && said.Session == asked.Hold.Session)
        {
            return Jobs[said.Job].Facts.State.Word();
        }

        if (Owned(asked.Hold) is not { } attempt)
        {
            return "stale";
        }

        attempt.Report = asked.Report;
        var happened = asked.Outcome switch
        {
            "finished" => JobEvent.Succeeded,
            "failed" => JobEvent.Failed,
            "cancelled" => JobEvent.CancelConfirmed,
            _ => JobEvent.Lost,
        };
        var job = Jobs[attempt.Job];
        var reason = asked.Outcome == "failed" ? Reasons.Reported(asked.Reason) : asked.Reason;
        // Only the span on the worker's clock counts, and no more of it than has passed here.
        var ended = attempt.Started is { } began ? began + Math.Clamp(asked.Ran, 0, Now - began) : (long?)null;
        if (!Move(job, happened, reason, endedAt: ended))
        {
            throw new QueueModelException($"{job.Line} cannot end");
        }

        return job.Facts.State.Word();
    }

    private string Release(Step.Release asked)
    {
        if (Owned(asked.Hold) is not { } attempt)
        {
            return "stale";
        }

        Move(Jobs[attempt.Job], JobEvent.Released);
        return Jobs[attempt.Job].Facts.State.Word();
    }
}
