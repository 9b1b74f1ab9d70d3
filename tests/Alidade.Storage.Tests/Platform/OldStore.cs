using System.Data.Common;
using Alidade.Storage.Platform;
using Alidade.Storage.Platform.Migrations;
using Alidade.Storage.Platform.Postgres;
using Alidade.Storage.Platform.Sqlite;
using Alidade.Testing;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Alidade.Storage.Tests.Platform;

/// <summary>A store that an earlier version has filled, opened by this one.</summary>
internal static class OldStore
{
    private static readonly MonotonicClock Clock = new(TimeProvider.System);

    /// <param name="name">core or series.</param>
    /// <param name="before">The first migration that the earlier version did not know.</param>
    public static async Task<IStore> SqliteAsync(
        TemporaryFolder folder,
        string name,
        string before,
        Action<DbConnection> fill
    )
    {
        var file = folder.Sub($"{name}.db");
        SqliteLibrary.Ensure();
        await using (var connection = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            await connection.OpenAsync();
            Make(connection, Dialect.Sqlite, name, before);
            fill(connection);
        }

        return SqliteStore.Open(file, name, Clock, e => throw e);
    }

    /// <inheritdoc cref="SqliteAsync"/>
    public static async Task<IStore> PostgresAsync(string name, string before, Action<DbConnection> fill)
    {
        var database = await PostgresServer.NewDatabaseAsync();
        await using (var connection = new NpgsqlConnection(database))
        {
            await connection.OpenAsync();
            Make(connection, Dialect.Postgres, name, before);
            fill(connection);
        }

        return PostgresStore.Open(database, name, Clock);
    }

    private static void Make(DbConnection connection, Dialect dialect, string name, string before)
    {
        connection.Execute(
            "CREATE TABLE migration (store TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL, applied BIGINT NOT NULL, PRIMARY KEY (store, name))"
        );
        foreach (var file in MigrationFile.Of(name).Where(f => string.CompareOrdinal(f.Name, before) < 0))
        {
            connection.Execute(file.For(dialect));
            connection.Execute(
                "INSERT INTO migration (store, name, digest, applied) VALUES (@Store, @Name, @Digest, 1)",
                new
                {
                    Store = name,
                    file.Name,
                    file.Digest,
                }
            );
        }
    }
}
