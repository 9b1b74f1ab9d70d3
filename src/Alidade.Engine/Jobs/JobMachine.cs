using static Alidade.Engine.Jobs.Effects;
using static Alidade.Engine.Jobs.JobEvent;
using static Alidade.Engine.Jobs.JobState;

namespace Alidade.Engine.Jobs;

/// <summary>
/// The life of a job as one table. Whatever is not in the table is refused and changes nothing. The stores ask it
/// before each change and write what <see cref="Apply"/> says, so there is one truth about what may follow what.
/// </summary>
public static class JobMachine
{
    /// <summary>A job that took down this many workers' attempts is not given to more of them.</summary>
    private const int PoisonLosses = 3;

    private static readonly JobState[] Held = [Claimed, Running, Unreachable];

    private static readonly Rule[] Table =
    [
        new(2, [Scheduled], Due, Queued, null, null, None, job => job.Waits == 0),
        new(3, [Scheduled], DependencyFailed, JobState.Failed, Reasons.Dependency),
        new(4, [Queued], Claim, Claimed, null, AttemptState.Granted, Grant),
        new(5, [Claimed], Start, Running, null, AttemptState.Running),
        new(6, [Claimed], StartDeadline, Queued, null, AttemptState.Released, Revoke | CountStart, MayStartAgain),
        new(6, [Claimed], StartDeadline, JobState.Failed, Reasons.StartDeadline, AttemptState.Released, Revoke),
        new(7, [Claimed, Running], LeaseExpired, Unreachable, null, null, None, IsLive),
        new(8, [Unreachable], Renewed, null),
        new(9, [Unreachable], JobEvent.Lost, Scheduled, null, AttemptState.Lost, Revoke | CountLoss | Delay, MayLose),
        new(9, [Unreachable], JobEvent.Lost, JobState.Failed, null, AttemptState.Lost, Revoke | CountLoss),
        new(
            10,
            [Claimed, Running],
            JobEvent.Lost,
            Scheduled,
            null,
            AttemptState.Lost,
            Revoke | CountLoss | Delay,
            MayLose
        ),
        new(
            10,
            [Claimed, Running],
            JobEvent.Lost,
            JobState.Failed,
            null,
            AttemptState.Lost,
            Revoke | CountLoss,
            IsLive
        ),
        new(11, Held, Succeeded, Finished, null, AttemptState.Succeeded, None, IsLive),
        new(12, Held, JobEvent.Failed, Scheduled, null, AttemptState.Failed, CountFailure | Delay, MayFail),
        new(12, Held, JobEvent.Failed, JobState.Failed, null, AttemptState.Failed, CountFailure, IsLive),
        new(
            13,
            [Running, Unreachable],
            TimedOut,
            JobState.Failed,
            Reasons.Timeout,
            AttemptState.TimedOut,
            Revoke,
            IsLive
        ),
        new(14, Held, Released, Queued, null, AttemptState.Released, Revoke, IsLive),
        new(15, [Scheduled, Queued], Cancel, JobState.Cancelled),
        new(15, [Running], Cancel, JobState.Cancelled, Reasons.External, null, None, job => !job.Live),
        new(16, Held, Cancel, Cancelling, null, null, None, IsLive),
        new(17, [Cancelling], CancelConfirmed, JobState.Cancelled, null, AttemptState.Cancelled),
        new(17, [Cancelling], JobEvent.Failed, JobState.Cancelled, null, AttemptState.Cancelled),
        new(17, [Cancelling], Released, JobState.Cancelled, null, AttemptState.Released, Revoke),
        new(18, [Cancelling], Succeeded, Finished, null, AttemptState.Succeeded),
        new(19, [Cancelling], CancelForced, JobState.Cancelled, Reasons.Unconfirmed, AttemptState.Lost, Revoke),
        new(19, [Cancelling], JobEvent.Lost, JobState.Cancelled, Reasons.Unconfirmed, AttemptState.Lost, Revoke),
        // A cancellation nobody asked for: the worker's machine ended the job, which is a loss.
        new(10, Held, CancelConfirmed, Scheduled, null, AttemptState.Lost, Revoke | CountLoss | Delay, MayLose),
        new(10, Held, CancelConfirmed, JobState.Failed, null, AttemptState.Lost, Revoke | CountLoss, IsLive),
        new(20, [Finished, JobState.Failed, JobState.Cancelled, Skipped], Requeue, Queued, null, null, ResetCounters),
        new(20, [Scheduled, Queued, Running], Requeue, Queued, null, null, ResetCounters, job => !job.Live),
        new(21, [Queued], Reject, JobState.Failed, Reasons.Rejected),
        new(22, [Scheduled], Skip, Skipped),
        new(23, [Scheduled, Queued], TakeOver, Running, Reasons.External),
        new(24, [Running], ExternalFinished, Finished, Reasons.External, null, None, job => !job.Live),
        new(24, [Running], ExternalFailed, JobState.Failed, Reasons.External, null, None, job => !job.Live),
        new(25, [Queued], Hold, Scheduled),
        new(26, [Scheduled, Queued], Expired, JobState.Failed, Reasons.Expired),
    ];

    /// <summary>What follows from <paramref name="happened"/>, or null when that may not happen to this job now.</summary>
    /// <param name="reason">Why, where the event does not say it by itself.</param>
    public static Decision? Decide(JobFacts job, JobEvent happened, string? reason = null)
    {
        foreach (var rule in Table)
        {
            if (rule.On == happened && rule.From.Contains(job.State) && (rule.Guard is null || rule.Guard(job)))
            {
                var to = rule.To ?? job.Before ?? throw new InvalidOperationException("An unreachable job has a past.");
                return new Decision(rule.Number, to, Reason(rule, to, job, reason), rule.Attempt, rule.Effects);
            }
        }

        return null;
    }

    /// <summary>The facts after a decision.</summary>
    public static JobFacts Apply(JobFacts job, Decision decision)
    {
        var has = decision.Effects;
        var fresh = has.HasFlag(ResetCounters);
        return job with
        {
            State = decision.To,
            Before = decision.To == Unreachable ? job.State : null,
            Fence = job.Fence + (has.HasFlag(Grant) || has.HasFlag(Revoke) ? 1 : 0),
            Attempts = job.Attempts + (has.HasFlag(Grant) ? 1 : 0),
            Failures = fresh ? 0 : job.Failures + (has.HasFlag(CountFailure) ? 1 : 0),
            Losses = fresh ? 0 : job.Losses + (has.HasFlag(CountLoss) ? 1 : 0),
            Starts = fresh ? 0 : job.Starts + (has.HasFlag(CountStart) ? 1 : 0),
            Live = decision.Attempt?.IsLive() ?? job.Live,
            Waits = fresh ? 0 : job.Waits,
        };
    }

    private static bool IsLive(JobFacts job) => job.Live;

    private static bool MayFail(JobFacts job) =>
        job.Live && job.Limits.Restartable && job.Failures < job.Limits.Failures;

    private static bool MayLose(JobFacts job) =>
        job.Live && job.Limits.Restartable && job.Losses < job.Limits.Losses && !IsPoison(job);

    private static bool MayStartAgain(JobFacts job) => job.Starts + 1 < job.Limits.Starts;

    private static bool IsPoison(JobFacts job) =>
        Math.Min(job.Losses, job.RecentLosses) + 1 >= PoisonLosses && job.LossWorkers > 1;

    private static string? Reason(Rule rule, JobState to, JobFacts job, string? reason) =>
        rule switch
        {
            { Reason: not null } => rule.Reason,
            { Attempt: AttemptState.Lost } when to == JobState.Failed => IsPoison(job) ? Reasons.Poison : Reasons.Lost,
            { Attempt: AttemptState.Lost } => Reasons.Lost,
            _ => reason,
        };

    /// <param name="To">Null is the state it had before it became unreachable.</param>
    private sealed record Rule(
        int Number,
        JobState[] From,
        JobEvent On,
        JobState? To,
        string? Reason = null,
        AttemptState? Attempt = null,
        Effects Effects = None,
        Func<JobFacts, bool>? Guard = null
    );
}
