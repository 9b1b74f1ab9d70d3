using Alidade.Engine.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;
using Alidade.Storage.Workers;

namespace Alidade.Storage.Jobs;

/// <summary>A job now owned by the session that asked, with what its worker needs.</summary>
/// <param name="Kept">The run that has what the attempt before recorded; null for the first.</param>
public sealed record Granted(JobRow Job, Answer<JobDetail> Asked, string? Kept)
{
    public JobDetail Detail => Asked.First!;
}

/// <summary>What a claim led to: grants, and every job it moved.</summary>
public sealed record Claimed(IReadOnlyList<Granted> Grants, IReadOnlyList<Moved> Moved);

public static class JobClaim
{
    internal const string Head = """
        SELECT j.*, (SELECT COALESCE(d.plan_error, 'It has no plan.') FROM job_detail d WHERE d.job = j.id AND d.plan IS NULL)
            AS plan_error
        FROM job j WHERE j.lane = @Lane AND j.state = 'queued' ORDER BY j.rank, j.id LIMIT 1
        """;

    /// <summary>
    /// Grants up to <paramref name="free"/> waiting jobs of these lanes, as far as their shape fits what the worker has
    /// left: first of the group with the fewest jobs in hands of workers, and there the longest due first. A job whose plan
    /// does not compile fails here, with the reason.
    /// </summary>
    /// <param name="waiting">The lanes that the worker may take from.</param>
    /// <param name="users">How many there are, two standing for more; a worker without a sandbox gets no job of several.</param>
    /// <returns>Null when the session has ended.</returns>
    public static Claimed? Claim(
        ITransaction tx,
        long session,
        IReadOnlyList<LaneRow> waiting,
        int free,
        Answer<long>? users = null
    )
    {
        var locked = Sessions.AskLocked(tx, session);
        var quotas = GroupQuotas.AskLocked(tx, [.. waiting.Select(lane => lane.GroupId).Distinct()]);
        var paused = Lanes.AskPaused(tx);
        var attempts = WorkerUse.AskAttempts(tx, session);
        // A lone lane that fits whatever the worker has left is the one to take from: its head travels with all else.
        var head = waiting is [var only] && only.Capacity == Capacity.None ? AskHead(tx, only) : null;
        if (locked.First is not { Ended: null } asking)
        {
            return null;
        }

        var grants = new List<Granted>();
        var moved = new List<Moved>();
        var open = waiting.Where(lane => !paused.Rows.Contains(lane.Queue)).ToList();
        // Where nothing that waits asks for any amount, how many there are is enough.
        var use = open.Any(lane => lane.Capacity != Capacity.None)
            ? WorkerUse.Of(tx, asking.Worker)
            : new WorkerUse { Attempts = attempts.First };
        var isShut = asking.IsDraining || (asking.Shared == 0 && users?.First > 1);
        var slots = isShut ? 0 : Math.Min(free, asking.Slots - use.Attempts);
        if (slots > 0)
        {
            var round = new ClaimRound(tx, open, quotas.Rows, asking, use);
            while (grants.Count < slots && Next(tx, round, head) is var (lane, next))
            {
                head = null;
                if (next.PlanError is { } why)
                {
                    moved.Add(JobMoves.Move(tx, next, new Change(JobEvent.Reject, "dispatcher", null, why))!);
                    continue;
                }

                var detail = tx.Ask<JobDetail>("SELECT * FROM job_detail WHERE job = @Id", new { next.Id });
                var step = JobMoves.Move(tx, next, new Change(JobEvent.Claim, "dispatcher"), asking)!;
                moved.Add(step);
                var kept = step.Now.Attempts > 1 ? AttemptRuns.Keep(tx, step.Now, detail.First!) : null;
                grants.Add(new Granted(step.Now, detail, kept));
                round.Took(lane);
            }
        }

        return new Claimed(grants, moved);
    }

    /// <summary>
    /// The next job by the order of the round. Another server may hold the head of a lane at this moment; then the one
    /// behind it is as good.
    /// </summary>
    /// <param name="head">The head of the first lane, if it was asked for.</param>
    private static (LaneRow Lane, JobRow Job)? Next(ITransaction tx, ClaimRound round, Answer<JobRow>? head)
    {
        while (round.Choose() is { } lane)
        {
            head ??= AskHead(tx, lane);
            if (head.First is { } job)
            {
                return (lane, job);
            }

            round.Exhausted(lane);
            head = null;
        }

        return null;
    }

    /// <summary>The first of a lane that nobody else holds, with the ids that a claim of it needs.</summary>
    private static Answer<JobRow> AskHead(ITransaction tx, LaneRow lane)
    {
        var skip = tx.Dialect == Dialect.Postgres ? " FOR UPDATE SKIP LOCKED" : "";
        var head = tx.Ask<JobRow>(Head + skip, new { Lane = lane.Id });
        tx.Reserve(Sequence.Snapshot, Sequence.Attempt);
        return head;
    }
}
