using Alidade.Engine.Jobs;
using Alidade.Storage.Jobs;

namespace Alidade.Testing.Queue;

/// <summary>An invariant does not hold.</summary>
public sealed class QueueModelException(string message) : Exception(message);

/// <summary>What must hold after every step; the names are those of the reliability study.</summary>
public sealed partial class QueueModel
{
    private static void Require(bool holds, string what, ModelJob job)
    {
        if (!holds)
        {
            throw new QueueModelException($"{what}: {job.Line}");
        }
    }

    /// <summary>After each change of a state.</summary>
    private void Check(ModelJob job, JobFacts before, JobEvent happened)
    {
        var (now, live) = (job.Facts, job.Attempts.Count(a => a.State.IsLive()));
        Require(live <= 1, "I1: two live attempts", job);
        Require(now.Live == (live == 1), "I1: an attempt lives that the job does not know", job);
        Require(now.Fence >= before.Fence, "I2: the fence fell", job);
        Require(live == 0 || job.Attempts[^1].Fence == now.Fence, "I2: a live attempt with an old fence", job);
        Require(!before.State.IsTerminal() || happened == JobEvent.Requeue, "I3: an end was left", job);
        Require(
            job.Attempts.Count == now.Attempts && job.Attempts.TakeLast(1).All(a => a.Number == now.Attempts),
            "I4: gaps",
            job
        );
        Require(job.Events[^1] == now.State, "I5: the events tell another story", job);
        Require(
            job.CancelRequested is null || now.State is not (JobState.Queued or JobState.Claimed),
            "I12: cancelled, and queued again",
            job
        );
        Require(
            now.State.IsTerminal() || (now.Losses <= now.Limits.Losses && now.Failures <= now.Limits.Failures),
            "I13: more tries than it may have",
            job
        );
        Require(!(now.State.IsTerminal() && now.Live), "an ended job holds a worker", job);
        Require(
            now.Live || now.State is not (JobState.Claimed or JobState.Unreachable or JobState.Cancelling),
            "owned by nobody",
            job
        );
        Require(
            (now.State == JobState.Unreachable) == (now.Before is not null),
            "only the unreachable have a past",
            job
        );
        Require(
            happened is not (JobEvent.Due or JobEvent.Claim) || now.Waits == 0,
            "it did not wait for the jobs it comes after",
            job
        );
    }

    /// <summary>After a claim: the worker has no more than fits, and left nothing that it could have taken.</summary>
    private void CheckClaim(int worker, int slots, List<int> granted, Capacity free)
    {
        var held = LiveOf(worker).ToList();
        var taken = held.Aggregate(Capacity.None, (sum, a) => Sum(sum, Jobs[a.Job].Asked.Shape.Capacity));
        foreach (var job in granted.Select(g => Jobs[g]))
        {
            Require(Labeling.Has(Workers[worker].Labels, job.Asked.Shape.Labels), "I8: a label is missing", job);
            Require(
                job.Asked.Shape.DataFolders.All(Workers[worker].DataFolders.Contains),
                "I8: a data folder is missing",
                job
            );
            Require(
                !_quotas.TryGetValue(job.Asked.Group, out var most) || HeldBy(job.Asked.Group) <= most,
                "I10: more jobs of a group than it may have",
                job
            );
            Require(Workers[worker].Capacity.Covers(taken), "I8: more than the worker has", job);
            Require(held.Count <= Workers[worker].Slots, "I9: more jobs than slots", job);
            Require(!_paused.Contains(job.Asked.Queue), "granted from a paused queue", job);
        }

        if (granted.Count < slots && Eligible(worker, free).FirstOrDefault() is { } left)
        {
            Require(false, "I21: a slot is free, and it waits", left);
        }
    }

    /// <summary>
    /// After the last fault and enough time: every job has ended, or waits for something that is really missing (I22).
    /// </summary>
    public void CheckCalm()
    {
        foreach (var job in _open)
        {
            var reason = job.Facts.State switch
            {
                JobState.Queued => _paused.Contains(job.Asked.Queue)
                    || IsFull(job.Asked.Group)
                    || Workers.All(w => !job.Asked.Shape.Fits(w.Offer)),
                JobState.Scheduled => job.RunAt > Now - Timing.Second
                    || (job.Facts.Waits > 0 && job.Open.Any(o => !Jobs[o].Facts.State.IsTerminal())),
                JobState.Running => !job.Facts.Live,
                _ => false,
            };
            Require(reason, "I22: nobody brings it to an end", job);
        }
    }

    private static Capacity Sum(Capacity a, Capacity b) => new(a.Cpu + b.Cpu, a.Memory + b.Memory, a.Gpus + b.Gpus);
}
