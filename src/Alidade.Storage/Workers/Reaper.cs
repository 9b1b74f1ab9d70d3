using Alidade.Engine.Jobs;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Workers;

/// <summary>What one sweep did.</summary>
/// <param name="IsMass">So many workers are silent at once that the fault is probably ours.</param>
/// <param name="Broken">For that reason nothing was taken away.</param>
/// <param name="More">There was more than one sweep takes.</param>
public sealed record Sweep(IReadOnlyList<Moved> Moved, bool IsMass, bool Broken, bool More);

/// <summary>
/// Brings to a truthful end what no worker speaks for. Every step is a guarded move, so any number of servers may sweep.
/// </summary>
public static class Reaper
{
    internal const string Due =
        "SELECT id FROM job WHERE state = 'scheduled' AND waits = 0 AND run_at <= @Now ORDER BY run_at";

    internal const string Expired =
        "SELECT id FROM job WHERE not_after IS NOT NULL AND not_after <= @Now AND state IN ('scheduled', 'queued') "
        + "ORDER BY not_after";

    /// <summary>The first condition is the one of the indexes of live attempts; SQLite does not find that out by itself.</summary>
    internal const string SlowToPrepare = """
        SELECT a.job FROM attempt a JOIN job j ON j.id = a.job
        WHERE a.state IN ('granted', 'running') AND a.state = 'granted' AND a.phase = 'preparing' AND a.granted < @Preparing
            AND j.state = 'claimed'
        """;

    internal const string PastDeadline = """
        SELECT a.job FROM attempt a JOIN job j ON j.id = a.job
        WHERE a.state = 'running' AND a.deadline < @Now AND j.state IN ('running', 'unreachable')
        """;

    internal const string Unconfirmed =
        "SELECT id FROM job WHERE state = 'cancelling' AND cancel_requested < @Now - lost_after";

    private const int Most = 500;
    private const int BreakerLeast = 5;

    /// <param name="listening">
    /// Since when workers could have been heard without a break: silence before it is our own fault and is not counted.
    /// </param>
    /// <param name="opened">
    /// Since when the breaker has been open, if it has: after another time of silence it is believed that so many are gone.
    /// </param>
    public static Sweep Run(ITransaction tx, long listening, long? opened = null)
    {
        var moved = new List<Moved>();
        var more = false;

        void Each(JobEvent happened, string? message, string sql, object? args = null)
        {
            var jobs = tx.Query<long>(sql + $" LIMIT {Most}" + Unshared(tx), args);
            more |= jobs.Count == Most;
            moved.AddRange(
                jobs.Select(id => JobMoves.Move(tx, id, new Change(happened, "clock", Message: message)))
                    .OfType<Moved>()
            );
        }

        Each(JobEvent.Due, null, Due, new { tx.Now });
        Each(JobEvent.Expired, "The time by which it had to begin passed.", Expired, new { tx.Now });
        var heard = new
        {
            tx.Now,
            Listening = listening,
            Lease = tx.Now - Timing.Lease,
            Preparing = tx.Now - Timing.Preparing,
        };
        Each(
            JobEvent.LeaseExpired,
            "Its worker is silent.",
            Silent("j.state IN ('claimed', 'running')", "@Lease"),
            heard
        );
        const string Lost = "@Now - j.lost_after";
        var isMass = IsMass(tx, listening);
        var isBelieved = opened is { } since && tx.Now - since >= Timing.LostAfter;
        var broken =
            isMass
            && !isBelieved
            && tx.Query<long>(Silent("j.state IN ('unreachable', 'cancelling')", Lost) + " LIMIT 1", heard).Count > 0;
        if (!broken)
        {
            Each(JobEvent.Lost, "Its worker fell silent.", Silent("j.state = 'unreachable'", Lost), heard);
            Each(JobEvent.CancelForced, "Its worker fell silent.", Silent("j.state = 'cancelling'", Lost), heard);
        }

        Each(JobEvent.StartDeadline, "Preparing its environment took too long.", SlowToPrepare, heard);
        Each(JobEvent.TimedOut, "Its time limit passed and its worker did not say so.", PastDeadline, heard);
        Each(JobEvent.CancelForced, "Its worker did not confirm that it ended.", Unconfirmed, heard);
        if (!broken)
        {
            EndSilentSessions(tx, listening);
        }

        tx.Execute("DELETE FROM idempotency WHERE at < @Old", new { Old = tx.Now - Timing.KeyKept });
        var settled = Dependents.Settle(tx);
        moved.AddRange(settled.Moved);
        return new Sweep(moved, isMass, broken, more || settled.More);
    }

    /// <summary>
    /// Takes only rows that nobody is changing, as they are now: a worker that renews at this moment must not lose its job
    /// to a look at the moment before.
    /// </summary>
    private static string Unshared(ITransaction tx) => tx.Dialect == Dialect.Postgres ? " FOR UPDATE SKIP LOCKED" : "";

    internal static string Silent(string states, string since) =>
        $"""
            SELECT a.job FROM attempt a JOIN job j ON j.id = a.job JOIN worker_session s ON s.id = a.session
            WHERE a.state IN ('granted', 'running') AND {states} AND s.seen < {since} AND @Listening < {since}
            ORDER BY a.job
            """;

    /// <summary>More than three in ten of the live sessions, and at least five, have gone past their lease.</summary>
    private static bool IsMass(ITransaction tx, long listening)
    {
        var count = tx.First<SessionCount>(
            """
            SELECT COUNT(*) AS live, COALESCE(SUM(CASE WHEN seen < @Lost AND @Listening < @Lost THEN 1 ELSE 0 END), 0) AS silent
            FROM worker_session WHERE ended IS NULL
            """,
            new { Lost = tx.Now - Timing.Lease, Listening = listening }
        )!;
        return count.Silent >= BreakerLeast && count.Silent * 10 > count.Live * 3;
    }

    private static void EndSilentSessions(ITransaction tx, long listening) =>
        tx.Execute(
            """
            UPDATE worker_session SET state = 'silent', ended = @Now
            WHERE ended IS NULL AND seen < @Lost AND @Listening < @Lost AND NOT EXISTS
                (SELECT 1 FROM attempt a WHERE a.worker = worker_session.worker AND a.session = worker_session.id
                    AND a.state IN ('granted', 'running'))
            """,
            new
            {
                tx.Now,
                Lost = tx.Now - Timing.LostAfter,
                Listening = listening,
            }
        );

    private sealed record SessionCount
    {
        public long Live { get; init; }
        public long Silent { get; init; }
    }
}
