using Alidade.Engine.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Records;
using Alidade.Storage.Workers;

namespace Alidade.Storage.Jobs;

/// <summary>Something that happened to a job, and who says so.</summary>
/// <param name="Actor"><c>user</c>, <c>worker</c>, <c>clock</c> or <c>dispatcher</c>.</param>
/// <param name="EndedAt">When the attempt ended, where that is known; else it is when this is written.</param>
public sealed record Change(
    JobEvent Event,
    string Actor,
    string? Reason = null,
    string? Message = null,
    long? UserId = null,
    long? EndedAt = null
);

/// <summary>A job whose state has changed; those who wait for it are told after the commit.</summary>
public sealed record Moved(JobRow Was, JobRow Now)
{
    public bool IsQueued => Now.JobState == JobState.Queued;
}

/// <summary>
/// The only place that changes a job's state: asks the table, then writes row, attempt, run and event in one
/// transaction.
/// </summary>
public static class JobMoves
{
    /// <summary>Null when there is no such job or the table refuses; then nothing has changed.</summary>
    public static Moved? Move(ITransaction tx, long job, Change change) =>
        JobRow.Lock(tx, job) is { } row ? Move(tx, row, change) : null;

    /// <param name="session">The session that claims.</param>
    internal static Moved? Move(ITransaction tx, JobRow row, Change change, SessionRow? session = null)
    {
        var facts = MayLose(change.Event) ? LossFacts(tx, row) : row.Facts();
        if (JobMachine.Decide(facts, change.Event, change.Reason) is not { } decision)
        {
            return null;
        }

        var after = JobMachine.Apply(facts, decision);
        var attempt = MoveAttempt(tx, row, after, decision, change, session);
        var now = Next(tx, row, after, decision, change) with { Attempt = after.Live ? attempt : null };
        Write(tx, row, now);
        WriteEvent(tx, now, change.Actor, change.UserId, attempt);
        MoveRun(tx, row, now);
        Dependents.Ended(tx, now);
        return new Moved(row, now);
    }

    /// <summary>
    /// Events of a job are numbered without gaps, each number once: a change that rests on an outdated row cannot be
    /// written beside the one that it missed.
    /// </summary>
    internal static void WriteEvent(ITransaction tx, JobRow now, string actor, long? user, long? attempt) =>
        tx.Send(
            """
            INSERT INTO job_event (id, job, seq, state, reason, message, actor, user_id, attempt, at)
            VALUES (@Head, @Id, @Seq, @State, @Reason, @Message, @Actor, @User, @Attempt, @Modified)
            """,
            new
            {
                now.Head,
                now.Id,
                now.Seq,
                now.State,
                now.Reason,
                now.Message,
                Actor = actor,
                User = user,
                Attempt = attempt,
                now.Modified,
            }
        );

    private static bool MayLose(JobEvent e) => e is JobEvent.Lost or JobEvent.CancelConfirmed;

    /// <summary>With what is known about workers that lost this job lately, the present one among them.</summary>
    private static JobFacts LossFacts(ITransaction tx, JobRow row)
    {
        var losses = tx.First<RecentLosses>(
            """
            SELECT COUNT(DISTINCT worker) AS workers, COUNT(CASE WHEN state = 'lost' THEN 1 END) AS losses FROM attempt
            WHERE job = @Id AND (state IN ('granted', 'running') OR (state = 'lost' AND ended > @Since))
            """,
            new { row.Id, Since = tx.Now - Timing.Poison }
        )!;
        return row.Facts((int)losses.Workers, (int)losses.Losses);
    }

    private sealed record RecentLosses
    {
        public long Workers { get; init; }
        public long Losses { get; init; }
    }

    private static JobRow Next(ITransaction tx, JobRow row, JobFacts after, Decision decision, Change change)
    {
        var runAt = RunAt(tx.Now, row, after, decision, change);
        var ended = after.State.IsTerminal();
        return row with
        {
            State = after.State.Word(),
            Before = after.Before?.Word(),
            Reason = decision.Reason,
            Message = change.Message,
            Fence = after.Fence,
            Attempts = after.Attempts,
            Failures = after.Failures,
            Losses = after.Losses,
            Starts = after.Starts,
            RunAt = runAt,
            Rank = Waiting.Rank(runAt, row.Priority),
            CancelRequested = CancelRequested(tx.Now, row, change.Event),
            Head = tx.NextId(Sequence.Snapshot),
            Seq = row.Seq + 1,
            Modified = tx.Now,
            Started = Started(tx.Now, row, after, change.Event),
            Ended = ended ? change.EndedAt ?? tx.Now : null,
            Waits = after.Waits,
            // Once it has begun, later tries may take their time.
            NotAfter = change.Event is JobEvent.Start or JobEvent.Requeue ? null : row.NotAfter,
        };
    }

    private static long RunAt(long now, JobRow row, JobFacts after, Decision decision, Change change)
    {
        if (decision.Effects.HasFlag(Effects.Delay))
        {
            var wait = Waiting.Backoff(after.Failures + after.Losses - 1, Waiting.Spread(row.Id, after.Attempts));
            return now + (wait.Ticks / 10);
        }

        return change.Event switch
        {
            JobEvent.Hold => JobRow.Held,
            JobEvent.Requeue => now,
            _ => row.RunAt,
        };
    }

    private static long? CancelRequested(long now, JobRow row, JobEvent e) =>
        e switch
        {
            JobEvent.Cancel => now,
            JobEvent.Requeue => null,
            _ => row.CancelRequested,
        };

    private static long? Started(long now, JobRow row, JobFacts after, JobEvent e) =>
        e switch
        {
            JobEvent.Start or JobEvent.TakeOver => now,
            _ when after.State is JobState.Queued or JobState.Scheduled => null,
            _ => row.Started,
        };

    private static void Write(ITransaction tx, JobRow was, JobRow now) =>
        tx.Send(
            """
            UPDATE job SET state = @State, before = @Before, reason = @Reason, message = @Message, fence = @Fence,
                attempts = @Attempts, failures = @Failures, losses = @Losses, starts = @Starts, attempt = @Attempt,
                run_at = @RunAt, rank = @Rank, cancel_requested = @CancelRequested, head = @Head, seq = @Seq,
                modified = @Modified, started = @Started, ended = @Ended, waits = @Waits, not_after = @NotAfter
            WHERE id = @Id AND fence = @WasFence AND state = @WasState
            """,
            new
            {
                now.Id,
                now.State,
                now.Before,
                now.Reason,
                now.Message,
                now.Fence,
                now.Attempts,
                now.Failures,
                now.Losses,
                now.Starts,
                now.Attempt,
                now.RunAt,
                now.Rank,
                now.CancelRequested,
                now.Head,
                now.Seq,
                now.Modified,
                now.Started,
                now.Ended,
                now.Waits,
                now.NotAfter,
                WasFence = was.Fence,
                WasState = was.State,
            }
        );

    /// <summary>The attempt this change is about, if any.</summary>
    private static long? MoveAttempt(
        ITransaction tx,
        JobRow row,
        JobFacts after,
        Decision decision,
        Change change,
        SessionRow? session
    )
    {
        if (decision.Effects.HasFlag(Effects.Grant))
        {
            var id = tx.NextId(Sequence.Attempt);
            tx.Send(
                """
                INSERT INTO attempt (id, job, number, fence, session, worker, state, phase, granted)
                VALUES (@Id, @Job, @Number, @Fence, @Session, @Worker, 'granted', 'preparing', @Now)
                """,
                new
                {
                    Id = id,
                    Job = row.Id,
                    Number = after.Attempts,
                    after.Fence,
                    Session = session!.Id,
                    session.Worker,
                    tx.Now,
                }
            );
            return id;
        }

        if (decision.Attempt is not { } state)
        {
            return row.Attempt;
        }

        var ends = !state.IsLive();
        tx.Send(
            """
            UPDATE attempt SET state = @State, started = COALESCE(started, CASE WHEN @Ends = 0 THEN @Now END),
                ended = CASE WHEN @Ends = 1 THEN @EndedAt END,
                deadline = CASE WHEN @Ends = 0 THEN @Deadline END, missed_since = NULL,
                reason = COALESCE(reason, CAST(@Reason AS TEXT)), remains = CAST(@Remains AS TEXT)
            WHERE id = @Attempt
            """,
            new
            {
                State = state.Word(),
                Ends = ends ? 1 : 0,
                tx.Now,
                EndedAt = change.EndedAt ?? tx.Now,
                Deadline = tx.Now + row.TimeLimit + Timing.TimeLimitGrace,
                decision.Reason,
                Remains = ends ? AttemptRemains.Of(tx, row.Attempt!.Value)?.Write() : null,
                row.Attempt,
            }
        );
        return row.Attempt;
    }

    private static void MoveRun(ITransaction tx, JobRow was, JobRow now)
    {
        var status = RunStatus(now);
        if (status != RunStatus(was) || now.Started != was.Started)
        {
            tx.Send(
                "UPDATE run SET status = @Status, started = @Started, ended = @Ended WHERE id = (SELECT run FROM job_detail WHERE job = @Id)",
                new
                {
                    Status = status,
                    now.Started,
                    now.Ended,
                    now.Id,
                }
            );
        }

        if (now.JobState.IsTerminal())
        {
            EndRunsInside(tx, now);
        }
    }

    /// <summary>
    /// Runs that the script made beside the job's own: nobody is left who could end them. One that an earlier attempt left
    /// open, which did not end well, has failed.
    /// </summary>
    private static void EndRunsInside(ITransaction tx, JobRow now) =>
        tx.Send(
            """
            UPDATE run SET ended = @Ended,
                status = CASE
                    WHEN @Status = 'FINISHED' AND @Attempts > 1 AND created < @Started THEN 'FAILED' ELSE @Status END
            WHERE job = @Id AND own = 0 AND status IN ('SCHEDULED', 'RUNNING')
            """,
            new
            {
                Status = RunStatus(now),
                now.Attempts,
                now.Started,
                now.Ended,
                now.Id,
            }
        );

    /// <summary>A run begins when its job does: with a worker it still waits, and a claim leaves the run as it is.</summary>
    private static string RunStatus(JobRow job) =>
        job.JobState switch
        {
            JobState.Finished => "FINISHED",
            JobState.Failed or JobState.Skipped => "FAILED",
            JobState.Cancelled => "KILLED",
            _ => job.Started is null ? "SCHEDULED" : "RUNNING",
        };
}
