using Alidade.Engine.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;

namespace Alidade.Storage.Jobs;

/// <summary>A job now owned by the session that asked, with what its worker needs.</summary>
public sealed record Granted(JobRow Job, JobDetail Detail);

/// <summary>What a claim led to: grants, and every job it moved.</summary>
public sealed record Claimed(IReadOnlyList<Granted> Grants, IReadOnlyList<Moved> Moved);

public static class JobClaim
{
    internal const string Head = "SELECT * FROM job WHERE lane = @Lane AND state = 'queued' ORDER BY rank, id LIMIT 1";

    /// <summary>
    /// Grants up to <paramref name="free"/> waiting jobs of these lanes, as far as their shape fits what the worker has
    /// left: first of the group with the fewest jobs in hands of workers, and there the longest due first. A job whose plan
    /// does not compile fails here, with the reason.
    /// </summary>
    /// <returns>Null when the session has ended.</returns>
    public static Claimed? Claim(ITransaction tx, long session, IReadOnlyList<long> lanes, int free)
    {
        if (Sessions.Lock(tx, session) is not { Ended: null } asking)
        {
            return null;
        }

        var grants = new List<Granted>();
        var moved = new List<Moved>();
        var open = Lanes.Open(tx, lanes);
        var use = WorkerUse.Of(tx, asking.Worker, open.Any(lane => lane.Capacity != Capacity.None));
        var slots = asking.IsDraining ? 0 : Math.Min(free, asking.Slots - use.Attempts);
        if (slots > 0)
        {
            var round = new ClaimRound(tx, open, asking, use);
            while (grants.Count < slots && Next(tx, round) is var (lane, next))
            {
                var detail = tx.First<JobDetail>("SELECT * FROM job_detail WHERE job = @Id", new { next.Id })!;
                var change = detail.Plan is null
                    ? new Change(JobEvent.Reject, "dispatcher", null, detail.PlanError)
                    : new Change(JobEvent.Claim, "dispatcher");
                var step = JobMoves.Move(tx, next, change, session)!;
                moved.Add(step);
                if (detail.Plan is not null)
                {
                    round.Took(lane);
                    grants.Add(new Granted(step.Now, detail));
                }
            }
        }

        return new Claimed(grants, moved);
    }

    /// <summary>
    /// The next job by the order of the round. Another server may hold the head of a lane at this moment; then the one
    /// behind it is as good.
    /// </summary>
    private static (LaneRow Lane, JobRow Job)? Next(ITransaction tx, ClaimRound round)
    {
        while (round.Choose() is { } lane)
        {
            var skip = tx.Dialect == Dialect.Postgres ? " FOR UPDATE SKIP LOCKED" : "";
            if (tx.First<JobRow>(Head + skip, new { Lane = lane.Id }) is { } job)
            {
                return (lane, job);
            }

            round.Exhausted(lane);
        }

        return null;
    }
}
