using Alidade.Engine.Jobs;
using Alidade.Server.Live;
using Alidade.Server.Workers;
using Alidade.Storage.Jobs;

namespace Alidade.Server.Jobs;

/// <summary>Tells workers and browsers, after the commit, that jobs moved.</summary>
public sealed class JobSignals(LiveHub live, ClaimWaiters waiters, SettleNudge settle)
{
    public void Publish(params IEnumerable<Moved?> moved)
    {
        foreach (var job in moved.OfType<Moved>().Select(m => m.Now))
        {
            Publish(job);
        }
    }

    public void Publish(JobRow job)
    {
        if (job.JobState == JobState.Queued)
        {
            waiters.Wake(job.Queue, job.Lane);
        }

        // A job that has ended with others waiting for it, or that was submitted to wait for one that may have ended.
        if (job.Waits > 0 || (job.Awaited != 0 && job.JobState.IsTerminal()))
        {
            settle.Nudge();
        }

        live.Publish(new LiveHint(LiveHint.Job(job.Id), State: job.State, Version: job.Head));
        live.Publish(new LiveHint(LiveHint.Experiment(job.Experiment), Version: job.Head));
    }
}
