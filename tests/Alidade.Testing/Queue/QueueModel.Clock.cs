using Alidade.Engine.Jobs;
using Alidade.Storage.Jobs;

namespace Alidade.Testing.Queue;

/// <summary>What the clock brings.</summary>
public sealed partial class QueueModel
{
    /// <summary>Since when the server has listened.</summary>
    public long Listening { get; set; }

    private string Sweep()
    {
        Each(j => j.Facts is { State: JobState.Scheduled, Waits: 0 } && j.RunAt <= Now, JobEvent.Due);
        Each(j => j.Facts.State is JobState.Scheduled or JobState.Queued && j.NotAfter <= Now, JobEvent.Expired);
        Silent(j => j.Facts.State is JobState.Claimed or JobState.Running, _ => Timing.Lease, JobEvent.LeaseExpired);
        Silent(j => j.Facts.State == JobState.Unreachable, j => j.Asked.LostAfter, JobEvent.Lost);
        Silent(j => j.Facts.State == JobState.Cancelling, j => j.Asked.LostAfter, JobEvent.CancelForced);
        Each(
            j =>
                j.Facts.State == JobState.Claimed
                && j.Attempts[^1] is { State: AttemptState.Granted, Phase: "preparing" } a
                && a.Granted < Now - Timing.Preparing,
            JobEvent.StartDeadline
        );
        Each(
            j =>
                j.Facts.State is JobState.Running or JobState.Unreachable
                && j.Attempts.Count > 0
                && j.Attempts[^1] is { State: AttemptState.Running } a
                && a.Deadline < Now,
            JobEvent.TimedOut
        );
        Each(
            j => j.Facts.State == JobState.Cancelling && j.CancelRequested < Now - j.Asked.LostAfter,
            JobEvent.CancelForced
        );
        EndSessions();
        foreach (var old in _keys.Where(k => k.Value.At < Now - Timing.KeyKept).Select(k => k.Key).ToList())
        {
            _keys.Remove(old);
        }

        return Settle();
    }

    private void Each(Func<ModelJob, bool> which, JobEvent happened)
    {
        foreach (var job in _open.Where(which).ToList())
        {
            Move(job, happened);
        }
    }

    private void Silent(Func<ModelJob, bool> which, Func<ModelJob, long> limit, JobEvent happened) =>
        Each(
            job =>
                which(job)
                && job.Facts.Live
                && Sessions[job.Attempts[^1].Session].Seen < Now - limit(job)
                && Listening < Now - limit(job),
            happened
        );

    private void EndSessions()
    {
        var busy = Live.Select(a => a.Session).ToHashSet();
        for (var i = 0; i < Sessions.Count; i++)
        {
            var since = Now - Timing.LostAfter;
            Sessions[i].Ended |= Sessions[i].Seen < since && Listening < since && !busy.Contains(i);
        }
    }

    /// <summary>Jobs hear of the end of those they come after, in order of the ids.</summary>
    private string Settle()
    {
        while (_settled.Count > 0)
        {
            var ended = Jobs[_settled.Min];
            if (!ended.Facts.State.IsTerminal())
            {
                _settled.Remove(ended.Index);
                continue;
            }

            var followers = _open.Where(j => j.Open.Contains(ended.Index)).OrderBy(j => j.Id).ToList();
            followers.ForEach(f => Tell(ended, f));
            if (followers.Count == 0)
            {
                _settled.Remove(ended.Index);
            }
        }

        return "";
    }

    private void Tell(ModelJob ended, ModelJob follower)
    {
        follower.Open.Remove(ended.Index);
        if (follower.Facts is not { State: JobState.Scheduled, Waits: > 0 })
        {
            return;
        }

        if (!IsMet(ended, follower.Asked.Policy))
        {
            var happened = follower.Asked.Policy == AfterPolicy.Skip ? JobEvent.Skip : JobEvent.DependencyFailed;
            Move(follower, happened, Reasons.Dependency);
            return;
        }

        follower.Facts = follower.Facts with { Waits = follower.Facts.Waits - 1 };
        Touched.Add(follower.Index);
        if (follower.Facts.Waits == 0 && follower.RunAt <= Now)
        {
            Move(follower, JobEvent.Due);
        }
    }
}
