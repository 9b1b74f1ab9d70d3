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
    // The head of each queue comes from the index, so the cost grows with the queues asked for and not with the jobs that
    // wait.
    private const string PickSqlite = """
        SELECT * FROM job WHERE id IN (
            SELECT (SELECT w.id FROM job w WHERE w.queue = q.value AND w.state = 'queued' ORDER BY w.rank, w.id LIMIT 1)
            FROM json_each(@Queues) q)
        ORDER BY rank, id LIMIT 1
        """;

    private const string PickPostgres = """
        SELECT j.* FROM unnest(@Queues) AS q(id) CROSS JOIN LATERAL (
            SELECT * FROM job w WHERE w.queue = q.id AND w.state = 'queued' ORDER BY w.rank, w.id LIMIT 1
            FOR UPDATE SKIP LOCKED) j
        ORDER BY j.rank, j.id LIMIT 1
        """;

    /// <summary>
    /// Grants up to <paramref name="free"/> waiting jobs of these queues, the longest due first. A job whose plan does not
    /// compile fails here, with the reason.
    /// </summary>
    /// <returns>Null when the session has ended.</returns>
    public static Claimed? Claim(ITransaction tx, long session, IReadOnlyList<long> queues, int free)
    {
        if (Sessions.Lock(tx, session) is not { Ended: null } asking)
        {
            return null;
        }

        var grants = new List<Granted>();
        var moved = new List<Moved>();
        var slots = asking.IsDraining ? 0 : Math.Min(free, asking.Slots - LiveAttempts(tx, asking.Worker));
        while (grants.Count < slots && Pick(tx, queues) is { } next)
        {
            var detail = tx.First<JobDetail>("SELECT * FROM job_detail WHERE job = @Id", new { next.Id })!;
            var change = detail.Plan is null
                ? new Change(JobEvent.Reject, "dispatcher", null, detail.PlanError)
                : new Change(JobEvent.Claim, "dispatcher");
            var step = JobMoves.Move(tx, next, change, session)!;
            moved.Add(step);
            if (detail.Plan is not null)
            {
                grants.Add(new Granted(step.Now, detail));
            }
        }

        return new Claimed(grants, moved);
    }

    private static JobRow? Pick(ITransaction tx, IReadOnlyList<long> queues) =>
        tx.First<JobRow>(
            tx.Dialect == Dialect.Postgres ? PickPostgres : PickSqlite,
            new { Queues = queues as long[] ?? [.. queues] }
        );

    private static int LiveAttempts(ITransaction tx, long worker) =>
        (int)
            tx.Scalar<long>(
                "SELECT COUNT(*) FROM attempt WHERE worker = @Worker AND state IN ('granted', 'running')",
                new { Worker = worker }
            );
}
