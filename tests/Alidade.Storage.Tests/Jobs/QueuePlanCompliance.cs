using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Jobs;

/// <summary>What is asked at every claim and every second goes by an index, however many jobs there are.</summary>
public abstract class QueuePlanCompliance(ITestStore source)
{
    private const int Jobs = 20_000;

    [Fact]
    public async Task Nothing_that_is_asked_often_reads_all_jobs()
    {
        await using var world = new JobWorld(source);
        await world.OpenAsync();
        await world.Submit();
        await world.Write(Crowd);
        // PostgreSQL gathers statistics by itself; on SQLite nobody does.
        await world.Write(tx => tx.Dialect == Dialect.Postgres ? tx.Execute("ANALYZE job, attempt") : 0);
        var heads = await world.Read(s =>
            s.Dialect == Dialect.Postgres ? ClaimRound.HeadsPostgres : ClaimRound.HeadsSqlite
        );
        (string Sql, string Index)[] asked =
        [
            (Lanes.Busy, "job_waiting"),
            (JobClaim.Head, "job_waiting"),
            (heads, "job_waiting"),
            (ClaimRound.JobsHeld, "job_held"),
            (GroupQuotas.Waiting, "job_waiting"),
            (GroupQuotas.Waiting, "job_scheduled"),
            (CapacitySamples.Waiting, "job_waiting"),
            (Reaper.Due + " LIMIT 500", "job_due"),
            (Reaper.Expired + " LIMIT 500", "job_not_after"),
            (Reaper.Silent("j.state IN ('claimed', 'running')", "@Lease"), "attempt_"),
            (Reaper.SlowToPrepare + " LIMIT 500", "attempt_"),
            (Reaper.PastDeadline + " LIMIT 500", "attempt_"),
            (Reaper.Unconfirmed + " LIMIT 500", "job_"),
        ];
        foreach (var (sql, index) in asked)
        {
            var plan = await world.Read(s => Plan(s, sql));
            Assert.True(plan.Contains(index, StringComparison.Ordinal) && !IsScan(plan), $"{sql}\n{plan}");
        }
    }

    private static bool IsScan(string plan) =>
        plan.Contains("Seq Scan on job", StringComparison.Ordinal)
        || plan.Contains("Seq Scan on attempt", StringComparison.Ordinal)
        || plan.Split('\n').Any(line => line is "SCAN job" or "SCAN j" or "SCAN w" or "SCAN a");

    /// <summary>
    /// Copies of one job: a fifth of them waits, in three lanes of two groups, and the others have ended. All have attempts.
    /// </summary>
    private static int Crowd(ITransaction tx)
    {
        var numbers =
            tx.Dialect == Dialect.Postgres
                ? $"SELECT generate_series(1, {Jobs}) AS n"
                : $"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {Jobs}) SELECT n FROM c";
        tx.Send(
            $"""
            INSERT INTO attempt (id, job, number, fence, session, worker, state, phase, granted)
            SELECT 1000000 + n, 1000000 + n, 1, 1, 1, 1, 'finished', 'reporting', n FROM ({numbers}) AS numbers
            """
        );
        return tx.Execute(
            $"""
            INSERT INTO job (id, group_id, experiment, entrypoint, queue, user_id, state, fence, attempts, failures, losses,
                starts, max_failures, max_losses, restartable, priority, run_at, rank, time_limit, lost_after, head, seq,
                created, modified, lane)
            SELECT 1000000 + n, 1 + n % 2, experiment, entrypoint, queue, user_id,
                CASE WHEN n % 5 = 0 THEN 'queued' ELSE 'finished' END, 0, 0, 0, 0, 0, 0, 2, 1, 0, run_at, rank + n, time_limit,
                lost_after, 1000000 + n, 1, created, modified, 1 + n % 3
            FROM job CROSS JOIN ({numbers}) AS numbers
            """
        );
    }

    private static string Plan(ISession s, string sql)
    {
        var args = new
        {
            Lane = 1L,
            Lanes = new[] { 1L, 2L, 3L },
            groups = new[] { 1L, 2L },
            Group = 1L,
            Most = 100L,
            Now = 1L,
            Preparing = 1L,
            Listening = 1L,
            Lease = 2L,
        };
        return string.Join(
            '\n',
            s.Dialect == Dialect.Postgres
                ? s.Query<string>("EXPLAIN " + sql, args)
                : s.Query<Line>("EXPLAIN QUERY PLAN " + sql, args).Select(l => l.Detail)
        );
    }

    private sealed record Line
    {
        public string Detail { get; init; } = "";
    }
}

public sealed class SqliteQueuePlanTests() : QueuePlanCompliance(new SqliteTestStore());

public sealed class PostgresQueuePlanTests() : QueuePlanCompliance(new PostgresTestStore());
