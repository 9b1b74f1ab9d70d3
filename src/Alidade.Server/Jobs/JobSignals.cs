using Alidade.Server.Live;
using Alidade.Server.Workers;
using Alidade.Storage.Jobs;

namespace Alidade.Server.Jobs;

/// <summary>Tells workers and browsers, after the commit, that jobs moved.</summary>
public sealed class JobSignals(LiveHub live, ClaimWaiters waiters)
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
        if (job.JobState == Engine.Jobs.JobState.Queued)
        {
            waiters.Wake(job.Queue);
        }

        live.Publish(new LiveHint(LiveHint.Job(job.Id), State: job.State, Version: job.Head));
        live.Publish(new LiveHint(LiveHint.Experiment(job.Experiment), Version: job.Head));
    }
}
