using Alidade.Engine.Jobs;
using Alidade.Server.Platform;
using Alidade.Storage.Jobs;
using Alidade.Storage.Workers;

namespace Alidade.Server.Jobs;

/// <summary>
/// Why a job does not run yet, from the facts of this moment, with what to do about it. What a page of jobs needs is read
/// for all of them at once.
/// </summary>
public sealed class WaitingReasons(TimeProvider time)
{
    public IReadOnlyDictionary<long, string> Explain(ISession s, IReadOnlyList<JobRow> jobs)
    {
        var open = jobs.Where(j => !j.JobState.IsTerminal() && j.JobState != JobState.Running).ToList();
        if (open.Count == 0)
        {
            return new Dictionary<long, string>();
        }

        var queued = open.Where(j => j.JobState == JobState.Queued).ToList();
        var facts = queued.Count == 0 ? null : QueueFacts.Load(s, queued);
        var waiting = open.Where(j => j.JobState == JobState.Scheduled && j.Waits > 0).Select(j => j.Id).ToList();
        var earlier = waiting.Count == 0 ? null : Dependents.Open(s, waiting);
        return open.ToDictionary(j => j.Id, j => Explain(j, facts, earlier));
    }

    private string Explain(JobRow job, QueueFacts? facts, ILookup<long, long>? earlier) =>
        job.JobState switch
        {
            JobState.Queued => Queued(job, facts!),
            JobState.Scheduled when job.Waits > 0 => After([.. earlier![job.Id]]),
            JobState.Scheduled => Scheduled(job),
            JobState.Claimed => "A worker prepares it.",
            JobState.Unreachable =>
                $"Its worker has been silent since {Words.Clock(job.Modified - Timing.Lease)}; it is taken away after "
                    + $"{Words.Span(job.LostAfter)} of silence.",
            _ => "Its worker was told to end it and has not confirmed yet.",
        };

    private static string After(IReadOnlyList<long> jobs) =>
        jobs.Count switch
        {
            0 => "What it comes after has ended, and not all of it as it should: it is about to be skipped or to fail.",
            1 => $"It comes after job {jobs[0]}, which has not ended.",
            <= 5 => $"It comes after jobs {string.Join(", ", jobs)}, which have not ended.",
            _ => $"It comes after {jobs.Count} jobs that have not ended, the first of them {jobs[0]}.",
        };

    private static string Scheduled(JobRow job) =>
        job.IsHeld ? "It is held back. Reset it to let it run."
        : job.Reason is null ? $"It begins at {Words.Clock(job.RunAt)}."
        : $"It is tried again at {Words.Clock(job.RunAt)}, because: {job.Message ?? job.Reason}";

    /// <summary>What rules out the last of the workers that could have taken it, or how many come first.</summary>
    private string Queued(JobRow job, QueueFacts facts)
    {
        var queue = facts.NameOf(job.Queue);
        if (facts.PausedSince(job.Queue) is { } since)
        {
            return $"The queue {queue} has been paused since {Words.Clock(since)}. Resume it to let its jobs run.";
        }

        var serving = facts.Serving(job.Queue);
        if (serving.Count == 0)
        {
            return $"No worker watches the queue {queue}. Start one with: "
                + $"alidade worker --server URL --token TOKEN --queue {Words.Quoted(queue)}";
        }

        var shape = facts.ShapeOf(job);
        var labelled = serving.Where(w => Labeling.Has(Labeling.Parse(w.Labels), shape.Labels)).ToList();
        if (labelled.Count == 0)
        {
            return $"No worker of the queue {queue} has the labels it asks for: {Labeling.Say(shape.Labels)}. "
                + "A worker has those it is started with: --label NAME=VALUE";
        }

        var stocked = labelled.Where(w => shape.DataFolders.All(w.Offer.DataFolders.Contains)).ToList();
        if (stocked.Count == 0)
        {
            return $"No worker of the queue {queue} {MissingData(shape, labelled)}. "
                + "A worker has those it is started with: --data-folder NAME=PATH, and those of its pool.";
        }

        var guarded = facts.AreSeveral ? [.. stocked.Where(w => w.Shared == 1)] : stocked;
        if (guarded.Count == 0)
        {
            return $"No worker of the queue {queue} has a sandbox, which jobs of a server with several users need. "
                + "On its machine `alidade worker doctor` says what is missing.";
        }

        var large = guarded.Where(w => w.Offer.Capacity.Covers(shape.Capacity)).ToList();
        if (large.Count == 0)
        {
            return $"No worker of the queue {queue} is large enough: it asks for "
                + $"{Words.Lacking(shape.Capacity, [.. guarded.Select(w => w.Offer.Capacity)])}.";
        }

        var heard = large.Where(w => w.Seen > Micros.Now(time) - Timing.Lease).ToList();
        if (heard.Count == 0)
        {
            var last = large.MaxBy(w => w.Seen)!;
            return $"Worker {last.Name} of the queue {queue} has been silent since {Words.Clock(last.Seen)}.";
        }

        if (facts.Full(job) is { } full)
        {
            return $"The group {full.Name} has the {full.Running} running {(full.Running == 1 ? "job" : "jobs")} that it may "
                + "have at once."
                + Behind(facts.Ahead(job));
        }

        return Busy(queue, shape, [.. heard.Where(w => w.State != "draining")], facts) + Behind(facts.Ahead(job));
    }

    private static string Busy(string queue, Shape shape, IReadOnlyList<WorkerRow> workers, QueueFacts facts)
    {
        if (workers.Count == 0)
        {
            return $"The workers of the queue {queue} are being drained.";
        }

        var free = workers.Where(w => w.Busy < w.Slots).ToList();
        if (free.Count == 0)
        {
            return $"All workers of the queue {queue} are busy ({workers.Sum(w => w.Busy)} of "
                + $"{workers.Sum(w => w.Slots)} slots).";
        }

        var left = free.Select(facts.Free).ToList();
        return left.Any(l => l.Covers(shape.Capacity))
            ? "A worker is about to take it."
            : $"Not enough is free: it asks for {Words.Lacking(shape.Capacity, left)}.";
    }

    /// <summary>Names what nobody has; where each folder is somewhere, no worker has all of them.</summary>
    private static string MissingData(Shape shape, IReadOnlyList<WorkerRow> workers)
    {
        var nowhere = shape.DataFolders.Where(name => !workers.Any(w => w.Offer.DataFolders.Contains(name))).ToList();
        return nowhere.Count switch
        {
            0 => $"has all of the data folders {string.Join(", ", shape.DataFolders)}",
            1 => $"has the data folder {nowhere[0]}",
            _ => $"has the data folders {string.Join(", ", nowhere)}",
        };
    }

    private static string Behind(int ahead) =>
        ahead switch
        {
            0 => " It is the next.",
            1 => " 1 job is ahead of it.",
            QueueFacts.Many => $" At least {QueueFacts.MostCounted} jobs are ahead of it.",
            _ => $" {ahead} jobs are ahead of it.",
        };
}
