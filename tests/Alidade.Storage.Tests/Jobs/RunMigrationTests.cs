using System.Data.Common;
using Alidade.Storage.Platform;
using Alidade.Storage.Tests.Platform;
using Alidade.Testing;
using Dapper;

namespace Alidade.Storage.Tests.Jobs;

/// <summary>Where runs began with the claim of their job, one whose job has not begun waits again.</summary>
public sealed class RunMigrationTests
{
    [Fact]
    public async Task Runs_of_an_old_SQLite_file_wait_for_their_jobs()
    {
        using var folder = new TemporaryFolder();
        await using var store = await OldStore.SqliteAsync(folder, "core", "0096", Fill);
        await CheckAsync(store);
    }

    [Fact]
    public async Task Runs_of_an_old_PostgreSQL_database_wait_for_their_jobs()
    {
        await using var store = await OldStore.PostgresAsync("core", "0096", Fill);
        await CheckAsync(store);
    }

    private static async Task CheckAsync(IStore store) =>
        Assert.Equal(
            ["run 1 SCHEDULED", "run 2 RUNNING", "run 3 SCHEDULED", "script RUNNING"],
            await store.ReadAsync(s => s.Query<string>("SELECT id || ' ' || status FROM run ORDER BY id"))
        );

    private static void Fill(DbConnection connection)
    {
        Job(1, "claimed", null);
        Job(2, "running", 5);
        Job(3, "cancelling", null);
        Run("script", null);

        void Job(int id, string state, long? started)
        {
            connection.Execute(
                """
                INSERT INTO job (id, group_id, experiment, entrypoint, queue, user_id, state, fence, attempts, failures,
                    losses, starts, max_failures, max_losses, restartable, priority, run_at, rank, time_limit, lost_after,
                    head, seq, created, modified, lane, started)
                VALUES (@id, 1, 2, 3, 4, 1, @state, 1, 1, 0, 0, 0, 0, 2, 1, 0, 0, 0, 1, 1, @id, 1, 1, 1, 1, @started)
                """,
                new
                {
                    id,
                    state,
                    started,
                }
            );
            connection.Execute(
                """
                INSERT INTO job_detail (job, run, timeout, experiment_snapshot, entrypoint_snapshot, queue_snapshot,
                    parameter_values, artifact_values, seed, seed_given, plugins, inputs)
                VALUES (@id, @run, '1h', 1, 1, 1, '{}', '{}', 1, 0, '[]', '[]')
                """,
                new { id, run = $"run {id}" }
            );
            Run($"run {id}", id);
        }

        void Run(string id, int? job) =>
            connection.Execute(
                """
                INSERT INTO run (id, job, experiment, group_id, user_id, status, created, own)
                VALUES (@id, @job, 2, 1, 1, 'RUNNING', 1, @own)
                """,
                new
                {
                    id,
                    job,
                    own = job is null ? 0 : 1,
                }
            );
    }
}
