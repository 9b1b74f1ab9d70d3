using System.Data.Common;
using Alidade.Storage.Platform;
using Alidade.Storage.Tests.Platform;
using Alidade.Testing;
using Dapper;

namespace Alidade.Storage.Tests.Jobs;

/// <summary>Where attempts took their ids from their table, none that was given is given again.</summary>
public sealed class AttemptMigrationTests
{
    [Fact]
    public async Task Ids_of_an_old_SQLite_file_go_on()
    {
        using var folder = new TemporaryFolder();
        await using var store = await OldStore.SqliteAsync(folder, "core", "0020", Fill);
        await CheckAsync(store);
    }

    [Fact]
    public async Task Ids_of_an_old_PostgreSQL_database_go_on()
    {
        await using var store = await OldStore.PostgresAsync("core", "0020", Fill);
        await CheckAsync(store);
    }

    private static async Task CheckAsync(IStore store)
    {
        var ids = await store.WriteAsync(tx => new[] { tx.NextId(Sequence.Attempt), tx.NextId(Sequence.Attempt) });

        Assert.True(ids[0] > 2, $"{ids[0]}");
        Assert.True(ids[1] > ids[0]);
    }

    /// <summary>Two attempts, of which the later one is gone.</summary>
    private static void Fill(DbConnection connection)
    {
        connection.Execute(
            """
            INSERT INTO attempt (job, number, fence, session, worker, state, phase, granted)
            VALUES (1, 1, 1, 1, 1, 'finished', 'reporting', 1), (2, 1, 1, 1, 1, 'finished', 'reporting', 1);
            DELETE FROM attempt WHERE job = 2;
            """
        );
    }
}
