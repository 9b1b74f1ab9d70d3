using Alidade.Engine.Jobs;
using Alidade.Storage.Jobs;

namespace Alidade.Testing.Queue;

/// <summary>Something that users, workers or the clock do. Jobs, workers and attempts are named by their place in the model.</summary>
public abstract record Step
{
    /// <param name="Draw">Tells this submit from all others; a repetition is the same step again.</param>
    public sealed record Submit(
        int Draw,
        int Queue,
        long Group,
        int Priority,
        Shape Shape,
        JobLimits Limits,
        long LostAfter,
        long? Delay,
        long? StartWithin,
        IReadOnlyList<int> After,
        AfterPolicy Policy,
        bool HasPlan,
        int? Key
    ) : Step;

    public sealed record Register(int Worker, IReadOnlyList<Said> Present) : Step;

    public sealed record Leave(int Worker) : Step;

    public sealed record Claim(int Session, int Free) : Step;

    public sealed record Renew(int Session, IReadOnlyList<Said> Live) : Step;

    public sealed record Start(Hold Hold) : Step;

    /// <param name="Clock">What the worker's clock says; nobody may believe it.</param>
    public sealed record Finish(Hold Hold, string Outcome, string? Reason, int Report, long Clock, long Ran) : Step;

    public sealed record Release(Hold Hold) : Step;

    public sealed record Drain(int Session, bool On) : Step;

    public sealed record Pause(int Queue, bool On) : Step;

    /// <param name="Running">Null lifts the limit.</param>
    public sealed record Quota(long Group, int? Running) : Step;

    public sealed record User(int Job, JobEvent Event) : Step;

    public sealed record Sweep : Step;

    public sealed record Settle : Step;

    public sealed record Advance(long Micros) : Step;
}

/// <summary>What a worker says about an attempt: true, outdated or false.</summary>
public sealed record Hold(int Attempt, int Session, long Fence);

/// <summary>A line of a worker's list of what it runs.</summary>
public sealed record Said(int Attempt, long Fence, string Phase);
