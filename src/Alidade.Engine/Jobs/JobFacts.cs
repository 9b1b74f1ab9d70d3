namespace Alidade.Engine.Jobs;

/// <summary>How often a job is tried again.</summary>
/// <param name="Failures">Retries after a failure of user code.</param>
/// <param name="Losses">Retries after the loss of a worker or process.</param>
/// <param name="Starts">Grants that may pass without a start.</param>
/// <param name="Restartable">False when a second run could do harm.</param>
public sealed record JobLimits(int Failures = 0, int Losses = 2, int Starts = 3, bool Restartable = true)
{
    public static JobLimits Default { get; } = new();
}

/// <summary>All that the rules need to know about a job.</summary>
/// <param name="Before">The state it had before it became unreachable.</param>
/// <param name="Fence">Grows with each grant and each revocation; every write of a worker must carry it.</param>
/// <param name="Live">A worker owns an attempt of it.</param>
/// <param name="LossWorkers">How many different workers lost it lately, counting the present one.</param>
/// <param name="RecentLosses">How many of its losses are younger than the time in which poison is looked for.</param>
/// <param name="Waits">How many of the jobs it comes after have not ended.</param>
public sealed record JobFacts(
    JobState State,
    JobState? Before,
    long Fence,
    int Attempts,
    int Failures,
    int Losses,
    int Starts,
    bool Live,
    int LossWorkers,
    JobLimits Limits,
    int RecentLosses = 0,
    int Waits = 0
)
{
    /// <summary>A job as it is submitted.</summary>
    public static JobFacts New(bool waits, JobLimits? limits = null) =>
        new(waits ? JobState.Scheduled : JobState.Queued, null, 0, 0, 0, 0, 0, false, 0, limits ?? JobLimits.Default);
}

/// <summary>What else changes with the state, in the same transaction.</summary>
[Flags]
public enum Effects
{
    None = 0,

    /// <summary>A new attempt, owned by the claiming session.</summary>
    Grant = 1,

    /// <summary>The fence grows: the worker that held the job can change nothing any more.</summary>
    Revoke = 2,
    CountFailure = 4,
    CountLoss = 8,
    CountStart = 16,

    /// <summary>The counters of retries begin anew; attempt numbers go on.</summary>
    ResetCounters = 32,

    /// <summary>The next try waits a while.</summary>
    Delay = 64,
}

/// <summary>What the table says: where the job goes, why, and what becomes of its attempt.</summary>
/// <param name="Rule">The number of the transition.</param>
/// <param name="Attempt">The state its live attempt ends in or goes to; null leaves it alone.</param>
public sealed record Decision(int Rule, JobState To, string? Reason, AttemptState? Attempt, Effects Effects);
