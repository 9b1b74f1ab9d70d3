using System.Diagnostics;
using Alidade.Bench.Measuring;
using Alidade.Engine.Jobs;
using Alidade.Engine.Protocol;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;
using Alidade.Testing;

namespace Alidade.Bench.Scenarios;

/// <summary>Claims of waiting jobs by 8 sessions at once, each one job at a time, durable before the answer.</summary>
internal sealed class Claims : IScenario
{
    private const int Jobs = 8000;
    private const int Claimers = 8;
    private const int Crowd = 1_000_000;
    private const long Queue = 7;

    public string Name => "claims";

    public string About => $"claims by {Claimers} sessions, one job each time, on both stores";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        await MeasureAsync(report, "SQLite", new SqliteTestStore());
        if (Directory.Exists("/usr/lib/postgresql"))
        {
            await MeasureAsync(report, "PostgreSQL", new PostgresTestStore());
            report.Note("The PostgreSQL of the bench runs with fsync off; SQLite syncs each commit.");
        }
        else
        {
            report.Note("PostgreSQL is not installed, so only SQLite was measured.");
        }
    }

    private static async Task MeasureAsync(Report report, string name, ITestStore source)
    {
        await using var held = source;
        await using var store = await source.OpenAsync();
        await store.WriteAsync(tx =>
        {
            for (var i = 0; i < Jobs; i++)
            {
                Submit(tx);
            }

            return true;
        });
        if (store.Dialect == Dialect.Postgres)
        {
            await AddCrowdAsync(store);
            report.Note($"On PostgreSQL {Crowd:N0} more jobs wait behind those that are claimed.");
        }

        // Half of the jobs warm up, and a claim is beside the smallest write that the store can make durable. Those that
        // are measured go to workers with empty hands: what one holds is counted when it claims, and none holds hundreds.
        var before = await RegisterAsync(store, "warm up");
        await PerSecondAsync(Jobs / 2, session => ClaimAsync(store, before[session]));
        var sessions = await RegisterAsync(store, "measured");
        var floor = await PerSecondAsync(Jobs / 2, session => TouchAsync(store, sessions[session]));
        var claims = await PerSecondAsync(Jobs / 2, session => ClaimAsync(store, sessions[session]));
        report.Add(new Measure($"{name} one-row update", "commits/s", floor, Count: Jobs / 2));
        report.Add(
            new Measure($"{name} claims", "claims/s", claims, Count: Jobs / 2, Floor: floor, Expected: "≥ 2,000/s")
        );
    }

    private static async Task<double> PerSecondAsync(int count, Func<int, Task> one)
    {
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(
            Enumerable
                .Range(0, Claimers)
                .Select(async i =>
                {
                    for (var left = count / Claimers; left > 0; left--)
                    {
                        await one(i);
                    }
                })
        );
        return count / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private static async Task ClaimAsync(IStore store, long session)
    {
        var claimed = await store.WriteAsync(tx => JobClaim.Claim(tx, session, Lanes.WithWork(tx), 1));
        if (claimed is not { Grants.Count: 1 })
        {
            throw new InvalidOperationException("There was nothing to claim.");
        }
    }

    /// <summary>Jobs that stand behind all others; they are never claimed, so a row is enough.</summary>
    private static async Task AddCrowdAsync(IStore store)
    {
        const int batch = 20_000;
        for (var from = 1; from < Crowd; from += batch)
        {
            var numbers = $"generate_series({from}, {from + batch - 1})";
            await store.WriteAsync(tx =>
                tx.Execute(
                    $"""
                    INSERT INTO job (id, group_id, experiment, entrypoint, queue, user_id, state, fence, attempts, failures,
                        losses, starts, max_failures, max_losses, restartable, priority, run_at, rank, time_limit, lost_after,
                        head, seq, created, modified, lane)
                    SELECT 1000000000 + n, group_id, experiment, entrypoint, queue, user_id, 'queued', 0, 0, 0,
                        0, 0, 0, 2, 1, 0, run_at, rank + 86400000000 + n, time_limit, lost_after,
                        1000000000 + n, 1, created, modified, lane
                    FROM (SELECT * FROM job ORDER BY id LIMIT 1) AS job CROSS JOIN {numbers} AS n
                    """
                )
            );
        }

        // They came long ago: that their pages are written out is no part of what is measured.
        await store.WriteAsync(tx => tx.Execute("ANALYZE job") + tx.Execute("CHECKPOINT"));
    }

    private static Task<int> TouchAsync(IStore store, long session) =>
        store.WriteAsync(tx =>
            tx.Execute("UPDATE worker_session SET seen = @Now WHERE id = @Session", new { tx.Now, Session = session })
        );

    private static Task<long[]> RegisterAsync(IStore store, string name) =>
        Task.WhenAll(Enumerable.Range(0, Claimers).Select(i => RegisterOneAsync(store, $"{name} {i}")));

    private static Task<long> RegisterOneAsync(IStore store, string worker) =>
        store.WriteAsync(tx =>
        {
            var pool = Pools.Ensure(tx, "default", [], ["*"], Jobs, null);
            if (Pools.Tokens(tx, pool).Count == 0)
            {
                Pools.AddToken(tx, pool, "bench", "secret", null);
            }

            var token = Pools.Token(tx, "secret")!;
            var labels = new Dictionary<string, string>();
            var request = new SessionRequest(worker, "host", ["*"], Jobs, labels, ["L0"], "bench", []);
            return Sessions.Register(tx, token, request, worker).Session;
        });

    private static void Submit(ITransaction tx) =>
        JobSubmit.Submit(
            tx,
            new NewJob
            {
                GroupId = 1,
                UserId = 1,
                Experiment = 2,
                Entrypoint = 3,
                Queue = Queue,
                Limits = JobLimits.Default,
                TimeLimit = 3600 * Timing.Second,
                Detail = new JobDetail
                {
                    Run = Guid.NewGuid().ToString("N"),
                    Timeout = "1h",
                    Plan = "{}",
                    PlanDigest = "digest",
                },
            }
        );
}
