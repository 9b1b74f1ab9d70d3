using System.Data.Common;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;
using Alidade.Storage.Tests.Platform;
using Alidade.Testing;
using Dapper;

namespace Alidade.Storage.Tests.Search;

/// <summary>A store from before the search table is searched like any other once it has been opened.</summary>
public sealed class SearchMigrationTests
{
    [Fact]
    public async Task Texts_of_an_old_SQLite_file_move()
    {
        using var folder = new TemporaryFolder();
        await using var store = await OldStore.SqliteAsync(folder, "core", "0020", Fill);
        await CheckAsync(store);
        var found = await store.ReadAsync(s =>
            s.Query<long>(
                """
                SELECT x.resource FROM search_index JOIN search x ON x.id = search_index.rowid
                WHERE search_index MATCH 'kind : "eue" AND text : ("été")'
                """
            )
        );
        Assert.Equal([1], found);
    }

    [Fact]
    public async Task Texts_of_an_old_PostgreSQL_database_move()
    {
        await using var store = await OldStore.PostgresAsync("core", "0020", Fill);
        await CheckAsync(store);
    }

    private static async Task CheckAsync(IStore store)
    {
        var texts = await store.ReadAsync(s =>
            s.Query<string>(
                "SELECT resource || ' ' || kind || ' ' || field || ' ' || text FROM search ORDER BY resource, field"
            )
        );

        Assert.Equal(
            [
                "1 queue description l'été à la plage",
                "1 queue name first",
                "2 entry_point name second",
                "2 entry_point task_graph step: run",
            ],
            texts
        );
        Assert.Equal(
            1L,
            await store.ReadAsync(s => s.Scalar<long>("SELECT total FROM job_count WHERE experiment = 7"))
        );
        RunCondition zebra = new(RunField.Parameter, "note", "LIKE", "%zebra%");
        Assert.Equal(
            ["an old run"],
            await store.ReadAsync(s => new RunQuery(s.Dialect, [7], [1], Stage.Active, [zebra], []).Ids(s, null, 10))
        );
    }

    /// <summary>The schema before the search table, with three resources of which the last is deleted, and a job.</summary>
    private static void Fill(DbConnection connection)
    {
        connection.Execute(
            """
            INSERT INTO user_account (username, email, password, created, modified, password_expires)
            VALUES ('ada', 'ada@example.org', '', 1, 1, 1);
            INSERT INTO user_group (name, creator_id, created, modified) VALUES ('public', 1, 1, 1);
            INSERT INTO resource (id, kind, group_id, owner_id, name, folded, description, head, created, modified, deleted)
            VALUES (1, 'queue', 1, 1, 'First', 'first', 'L''ÉTÉ à la plage', 1, 1, 1, NULL),
                (2, 'entry_point', 1, 1, 'Second', 'second', NULL, 2, 1, 1, NULL),
                (3, 'queue', 1, 1, 'Third', 'third', 'gone', 3, 1, 1, 9);
            INSERT INTO resource_text (resource_id, field, text) VALUES (2, 'task_graph', 'step: run');
            INSERT INTO job (id, group_id, experiment, entrypoint, queue, user_id, state, fence, attempts, failures, losses,
                starts, max_failures, max_losses, restartable, priority, run_at, rank, time_limit, lost_after, head, seq, created,
                modified)
            VALUES (4, 1, 7, 2, 1, 1, 'finished', 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1);
            INSERT INTO run (id, experiment, group_id, user_id, status, created) VALUES ('an old run', 7, 1, 1, 'FINISHED', 1);
            INSERT INTO run_parameter (run, name, value) VALUES ('an old run', 'note', 'a zebra');
            """
        );
    }
}
