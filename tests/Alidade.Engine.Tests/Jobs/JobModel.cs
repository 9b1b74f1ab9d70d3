using Alidade.Engine.Jobs;

namespace Alidade.Engine.Tests.Jobs;

/// <summary>
/// Two workers and a few jobs in memory, driven by random steps. It applies the table as a store does, fence and all,
/// and checks the invariants after every step.
/// </summary>
internal sealed class JobModel
{
    private readonly List<Entry> _jobs = [];
    private readonly Dictionary<int, bool> _draining = new() { [0] = false, [1] = false };

    public sealed record Attempt(int Number, long Fence, int Worker)
    {
        public AttemptState State { get; set; } = AttemptState.Granted;
    }

    public sealed class Entry(JobLimits limits, bool waits)
    {
        public JobFacts Facts { get; set; } = JobFacts.New(waits, limits);
        public bool CancelRequested { get; set; }
        public List<Attempt> Attempts { get; } = [];
        public List<JobState> Events { get; } = [waits ? JobState.Scheduled : JobState.Queued];
    }

    /// <summary>A worker's word names an attempt of the past or present, as a delayed or repeated message would.</summary>
    public readonly record struct Step(int Job, JobEvent Event, int Worker, int Age);

    public void Submit(JobLimits limits, bool waits) => _jobs.Add(new Entry(limits, waits));

    public void Drain(int worker) => _draining[worker] = true;

    public void Take(Step step)
    {
        var job = _jobs[step.Job % _jobs.Count];
        if (step.Event == JobEvent.Claim && _draining[step.Worker])
        {
            return;
        }

        if (IsWorkersWord(step.Event) && !CarriesFence(job, step.Age))
        {
            return;
        }

        var before = job.Facts;
        if (JobMachine.Decide(before with { LossWorkers = LossWorkers(job) }, step.Event, "why") is not { } decision)
        {
            return;
        }

        job.Facts = JobMachine.Apply(before, decision);
        job.Events.Add(job.Facts.State);
        job.CancelRequested = (job.CancelRequested || step.Event == JobEvent.Cancel) && step.Event != JobEvent.Requeue;
        MoveAttempt(job, decision, step.Worker);
        Check(job, before, step);
    }

    private static bool IsWorkersWord(JobEvent e) =>
        e
            is JobEvent.Start
                or JobEvent.Succeeded
                or JobEvent.Failed
                or JobEvent.Released
                or JobEvent.CancelConfirmed
                or JobEvent.Renewed;

    private static bool CarriesFence(Entry job, int age) =>
        job.Attempts.Count > age && job.Attempts[^(age + 1)].Fence == job.Facts.Fence;

    private static int LossWorkers(Entry job) =>
        job
            .Attempts.Where(a => a.State == AttemptState.Lost || a.State.IsLive())
            .Select(a => a.Worker)
            .Distinct()
            .Count();

    private static void MoveAttempt(Entry job, Decision decision, int worker)
    {
        if (decision.Effects.HasFlag(Effects.Grant))
        {
            job.Attempts.Add(new Attempt(job.Facts.Attempts, job.Facts.Fence, worker));
        }
        else if (decision.Attempt is { } state)
        {
            job.Attempts[^1].State = state;
        }
    }

    private static void Check(Entry job, JobFacts before, Step step)
    {
        var now = job.Facts;
        Assert.True(job.Attempts.Count(a => a.State.IsLive()) <= 1, "I1: two live attempts");
        Assert.Equal(now.Live, job.Attempts.Any(a => a.State.IsLive()));
        Assert.True(now.Fence >= before.Fence, "I2: the fence fell");
        Assert.False(before.State.IsTerminal() && step.Event != JobEvent.Requeue, "I3: a terminal state was left");
        Assert.Equal(Enumerable.Range(1, job.Attempts.Count), job.Attempts.Select(a => a.Number));
        Assert.Equal(now.State, job.Events[^1]);
        Assert.False(
            job.CancelRequested && now.State is (JobState.Queued or JobState.Claimed),
            "I12: cancelled, and queued again"
        );
        Assert.True(now.Losses <= now.Limits.Losses + 1 && now.Failures <= now.Limits.Failures + 1, "I13: too many");
        Assert.False(now.State.IsTerminal() && now.Live, "an ended job holds a worker");
        Assert.False(
            now.State is (JobState.Claimed or JobState.Unreachable or JobState.Cancelling) && !now.Live,
            "owned by nobody"
        );
        Assert.True(
            (now.State == JobState.Unreachable) == (now.Before is not null),
            "only the unreachable have a past"
        );
    }
}
