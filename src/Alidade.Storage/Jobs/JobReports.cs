using Alidade.Engine.Jobs;
using Alidade.Engine.Protocol;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Jobs;

/// <summary>The answer to a worker's word about an attempt.</summary>
/// <param name="Stale">The attempt is not, or no longer, this session's: nothing has changed.</param>
public sealed record Reported(bool Stale, string State, Moved? Moved)
{
    internal static Reported Refused { get; } = new(true, "", null);
}

/// <summary>What a worker says about attempts it owns. Every write is guarded by session and fence.</summary>
public static class JobReports
{
    /// <summary>The supervisor is ready to run user code. Saying so again changes nothing.</summary>
    /// <param name="facts">JSON: process, interpreter, isolation level, host.</param>
    public static Reported Start(ITransaction tx, long attempt, long session, long fence, string facts)
    {
        if (Owned(tx, attempt, session, fence) is not { } owned)
        {
            return Reported.Refused;
        }

        var job = Reach(tx, owned.Job);
        if (owned.Attempt.State != AttemptState.Granted.Word())
        {
            return new Reported(false, job.State, null);
        }

        tx.Execute("UPDATE attempt SET facts = @Facts WHERE id = @Attempt", new { Facts = facts, Attempt = attempt });
        if (JobMoves.Move(tx, job, new Change(JobEvent.Start, "worker")) is { } moved)
        {
            return new Reported(false, moved.Now.State, moved);
        }

        // Cancelled while it was about to begin: it does run, until the worker ends it.
        tx.Execute(
            "UPDATE attempt SET state = 'running', started = @Now WHERE id = @Attempt",
            new { tx.Now, Attempt = attempt }
        );
        return new Reported(false, job.State, null);
    }

    /// <summary>The end of an attempt. The same report again gets the same answer.</summary>
    public static Reported Finish(ITransaction tx, long attempt, long session, FinishRequest report)
    {
        if (Repeated(tx, attempt, session, report.Report) is { } state)
        {
            return new Reported(false, state, null);
        }

        if (Owned(tx, attempt, session, report.Fence) is not { } owned)
        {
            return Reported.Refused;
        }

        Record(tx, attempt, report);
        var reason = report.Outcome == "failed" ? Reasons.Reported(report.Reason) : report.Reason;
        var change = new Change(
            Event(report.Outcome),
            "worker",
            reason,
            Summary(report),
            EndedAt: EndedAt(tx.Now, owned.Attempt, report)
        );
        var moved =
            JobMoves.Move(tx, owned.Job, change)
            ?? throw new InvalidOperationException($"Job {owned.Job.Id} cannot end from {owned.Job.State}.");
        if (reason == Reasons.Timeout)
        {
            tx.Execute("UPDATE attempt SET state = 'timed_out' WHERE id = @Attempt", new { Attempt = attempt });
        }

        return new Reported(false, moved.Now.State, moved);
    }

    /// <summary>Gives a job back that has not begun; nothing is counted against it.</summary>
    public static Reported Release(ITransaction tx, long attempt, long session, long fence)
    {
        if (Owned(tx, attempt, session, fence) is not { } owned)
        {
            return Reported.Refused;
        }

        var moved = JobMoves.Move(tx, owned.Job, new Change(JobEvent.Released, "worker"))!;
        return new Reported(false, moved.Now.State, moved);
    }

    /// <summary>The attempt if this session owns it under this fence; a guard for reads as well.</summary>
    public static AttemptRow? Find(ISession read, long attempt, long session, long fence) =>
        read.First<AttemptRow>(
            """
            SELECT * FROM attempt WHERE id = @Attempt AND session = @Session AND fence = @Fence
                AND state IN ('granted', 'running')
            """,
            new
            {
                Attempt = attempt,
                Session = session,
                Fence = fence,
            }
        );

    /// <summary>A job whose worker speaks again is where it was before the silence.</summary>
    internal static JobRow Reach(ITransaction tx, JobRow job) =>
        job.JobState == JobState.Unreachable
            ? JobMoves.Move(tx, job, new Change(JobEvent.Renewed, "worker"))!.Now
            : job;

    private static (JobRow Job, AttemptRow Attempt)? Owned(ITransaction tx, long attempt, long session, long fence) =>
        Find(tx, attempt, session, fence) is { } mine
        && JobRow.Lock(tx, mine.Job) is { } job
        && job.Fence == fence
        && job.Attempt == attempt
            ? (job, mine)
            : null;

    private static string? Repeated(ITransaction tx, long attempt, long session, string report) =>
        tx.First<string>(
            """
            SELECT j.state FROM attempt a JOIN job j ON j.id = a.job
            WHERE a.id = @Attempt AND a.session = @Session AND a.report = @Report
            """,
            new
            {
                Attempt = attempt,
                Session = session,
                Report = report,
            }
        );

    /// <summary>
    /// When it ended, not when we were told: the server may have been away. Only the span on the worker's clock is
    /// believed, because that clock may be wrong.
    /// </summary>
    private static long? EndedAt(long now, AttemptRow attempt, FinishRequest report) =>
        report is { Started: { } from, Ended: { } to } && attempt.Started is { } started
            ? started + Math.Clamp(to - from, 0, now - started)
            : null;

    private static JobEvent Event(string outcome) =>
        outcome switch
        {
            "finished" => JobEvent.Succeeded,
            "failed" => JobEvent.Failed,
            "cancelled" => JobEvent.CancelConfirmed,
            "lost" => JobEvent.Lost,
            _ => throw new ArgumentException($"'{outcome}' is not an outcome.", nameof(outcome)),
        };

    private static string? Summary(FinishRequest report) =>
        report switch
        {
            { Message: { Length: > 0 } message } => message,
            { Signal: { } signal, Outcome: "failed" } => $"Ended by signal {signal}.",
            { Exit: { } exit, Outcome: "failed" } => $"Exited with code {exit}.",
            _ => null,
        };

    private static void Record(ITransaction tx, long attempt, FinishRequest report) =>
        tx.Execute(
            """
            UPDATE attempt SET report = @Report, reason = @Reason, exit_code = @Exit, signal = @Signal, message = @Message,
                traceback = @Traceback, step = @Step, last_event = @LastEvent, peak_memory = @PeakMemory,
                cpu_seconds = @CpuSeconds
            WHERE id = @Attempt
            """,
            new
            {
                report.Report,
                report.Reason,
                report.Exit,
                report.Signal,
                report.Message,
                report.Traceback,
                report.Step,
                report.LastEvent,
                report.PeakMemory,
                report.CpuSeconds,
                Attempt = attempt,
            }
        );
}
