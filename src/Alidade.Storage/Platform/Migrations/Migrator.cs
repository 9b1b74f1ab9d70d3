using System.Data.Common;
using Alidade.Storage.Platform.Postgres;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Alidade.Storage.Platform.Migrations;

/// <summary>
/// Brings a database to the schema of this program: forward only, each file in one transaction, under a lock, so that
/// many servers may start at once and a kill at any point leaves either the old or the new step.
/// </summary>
internal static class Migrator
{
    private const long PostgresLock = 0x414C_4944_4144_45;

    public static void Apply(DbConnection connection, Dialect dialect, string store, MonotonicClock clock)
    {
        Locked(
            connection,
            dialect,
            transaction =>
                connection.Execute(
                    "CREATE TABLE IF NOT EXISTS migration (store TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL, "
                        + "applied BIGINT NOT NULL, PRIMARY KEY (store, name))",
                    transaction: transaction
                )
        );
        var files = MigrationFile.Of(store);
        RefuseNewerSchema(connection, store, files);
        foreach (var file in files)
        {
            Locked(connection, dialect, transaction => ApplyOnce(connection, dialect, store, file, clock, transaction));
        }
    }

    private static void ApplyOnce(
        DbConnection connection,
        Dialect dialect,
        string store,
        MigrationFile file,
        MonotonicClock clock,
        DbTransaction? transaction
    )
    {
        var applied = connection.QueryFirstOrDefault<string>(
            "SELECT digest FROM migration WHERE store = @store AND name = @name",
            new { store, name = file.Name },
            transaction
        );
        if (applied == file.Digest)
        {
            return;
        }

        if (applied is not null)
        {
            throw new MigrationException(
                $"Migration {store}/{file.Name} is not the one that was applied to this data: the data comes from another "
                    + "build. Start the build that wrote it; in development, put the file back and write a new migration."
            );
        }

        // An index over a large table takes its time.
        connection.Execute(file.For(dialect), transaction: transaction, commandTimeout: 0);
        if (MigrationSteps.After(store, file.Name) is { } step)
        {
            Run(step, connection, clock, transaction);
        }

        connection.Execute(
            "INSERT INTO migration (store, name, digest, applied) VALUES (@store, @name, @digest, @now)",
            new
            {
                store,
                name = file.Name,
                digest = file.Digest,
                now = clock.Next(),
            },
            transaction
        );
    }

    private static void Run(
        Action<ITransaction> step,
        DbConnection connection,
        MonotonicClock clock,
        DbTransaction? transaction
    )
    {
        if (connection is NpgsqlConnection postgres)
        {
            var session = new PostgresTransaction(postgres, clock.Next());
            step(session);
            session.Flush();
            return;
        }

        var sqlite = new Sqlite.SqliteTransaction((SqliteConnection)connection, clock);
        step(sqlite);
        // The connection goes on to the store's writer; only the statements of this step end here.
        sqlite.Forget();
    }

    private static void RefuseNewerSchema(DbConnection connection, string store, IReadOnlyList<MigrationFile> files)
    {
        var known = files.Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        var newer = connection
            .Query<string>("SELECT name FROM migration WHERE store = @store ORDER BY name", new { store })
            .FirstOrDefault(name => !known.Contains(name));
        if (newer is not null)
        {
            throw new MigrationException(
                $"This data was written by a newer Alidade (it has migration {store}/{newer}). Start that version or a later one."
            );
        }
    }

    private static void Locked(DbConnection connection, Dialect dialect, Action<DbTransaction?> work)
    {
        if (dialect == Dialect.Postgres)
        {
            using var transaction = connection.BeginTransaction();
            connection.Execute("SELECT pg_advisory_xact_lock(@PostgresLock)", new { PostgresLock }, transaction);
            work(transaction);
            transaction.Commit();
            return;
        }

        connection.Execute("BEGIN IMMEDIATE");
        try
        {
            work(null);
            connection.Execute("COMMIT");
        }
        catch
        {
            connection.Execute("ROLLBACK");
            throw;
        }
    }
}
