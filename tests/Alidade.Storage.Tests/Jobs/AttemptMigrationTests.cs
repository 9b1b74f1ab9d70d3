using System.Data.Common;
using Alidade.Storage.Platform;
using Alidade.Storage.Platform.Migrations;
using Alidade.Storage.Platform.Postgres;
using Alidade.Storage.Platform.Sqlite;
using Alidade.Testing;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Alidade.Storage.Tests.Jobs;

/// <summary>Where attempts took their ids from their table, none that was given is given again.</summary>
public sealed class AttemptMigrationTests
{
    private static readonly MonotonicClock Clock = new(TimeProvider.System);

    [Fact]
    public async Task Ids_of_an_old_SQLite_file_go_on()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Sub("core.db");
        SqliteLibrary.Ensure();
        await using (var connection = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            await connection.OpenAsync();
            Fill(connection, Dialect.Sqlite);
        }

        await using var store = SqliteStore.Open(file, "core", Clock, e => throw e);
        await CheckAsync(store);
    }

    [Fact]
    public async Task Ids_of_an_old_PostgreSQL_database_go_on()
    {
        var database = await PostgresServer.NewDatabaseAsync();
        await using (var connection = new NpgsqlConnection(database))
        {
            await connection.OpenAsync();
            Fill(connection, Dialect.Postgres);
        }

        await using var store = PostgresStore.Open(database, "core", Clock);
        await CheckAsync(store);
    }

    private static async Task CheckAsync(IStore store)
    {
        var ids = await store.WriteAsync(tx => new[] { tx.NextId(Sequence.Attempt), tx.NextId(Sequence.Attempt) });

        Assert.True(ids[0] > 2, $"{ids[0]}");
        Assert.True(ids[1] > ids[0]);
    }

    /// <summary>Two attempts, of which the later one is gone.</summary>
    private static void Fill(DbConnection connection, Dialect dialect)
    {
        connection.Execute(
            "CREATE TABLE migration (store TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL, applied BIGINT NOT NULL, PRIMARY KEY (store, name))"
        );
        foreach (var file in MigrationFile.Of("core").Where(f => string.CompareOrdinal(f.Name, "0020") < 0))
        {
            connection.Execute(file.For(dialect));
            connection.Execute(
                "INSERT INTO migration (store, name, digest, applied) VALUES ('core', @Name, @Digest, 1)",
                new { file.Name, file.Digest }
            );
        }

        connection.Execute(
            """
            INSERT INTO attempt (job, number, fence, session, worker, state, phase, granted)
            VALUES (1, 1, 1, 1, 1, 'finished', 'reporting', 1), (2, 1, 1, 1, 1, 'finished', 'reporting', 1);
            DELETE FROM attempt WHERE job = 2;
            """
        );
    }
}
