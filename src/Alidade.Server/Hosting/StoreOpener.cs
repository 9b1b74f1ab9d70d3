using System.Text;
using Alidade.Server.Configuration;
using Alidade.Storage.Backups;
using Alidade.Storage.Platform;
using Alidade.Storage.Platform.Postgres;
using Alidade.Storage.Platform.Sqlite;
using Microsoft.Data.Sqlite;

namespace Alidade.Server.Hosting;

/// <summary>
/// Opens the databases of a data folder, and none but those that its files belong to: another one would know none of them,
/// and the sweep would delete what nobody refers to.
/// </summary>
internal sealed class StoreOpener(ServerOptions options, DataFolder folder, MonotonicClock clock)
{
    /// <exception cref="DataFolderException">The folder and the database do not belong together, or one is damaged.</exception>
    public Stores Open()
    {
        var known = File.Exists(folder.Mark) ? File.ReadAllText(folder.Mark).Trim() : null;
        var stores = options.Store.Postgres is { Length: > 0 } postgres ? OpenPostgres(postgres) : OpenSqlite(known);
        try
        {
            Check(stores, known);
            return stores;
        }
        catch
        {
            stores.Core.DisposeAsync().AsTask().GetAwaiter().GetResult();
            stores.Series.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }

    private void Check(Stores stores, string? known)
    {
        if (known is not null && known != IdentityOf(stores))
        {
            throw Foreign("it belongs to another database than this one");
        }

        if (known is null && stores.Core.Dialect == Dialect.Postgres && HasFiles() && !HasUsers(stores))
        {
            throw Foreign("there are files in it, and this database is new");
        }

        if (known is null)
        {
            Mark(IdentityOf(stores));
        }
    }

    private void Mark(string identity)
    {
        try
        {
            Durable.Write(folder.Mark + ".new", Encoding.UTF8.GetBytes(identity + "\n"));
            Durable.Move(folder.Mark + ".new", folder.Mark);
        }
        catch (IOException e)
        {
            throw new DataFolderException($"The data folder {folder.Path} cannot be written: {e.Message}", e);
        }
    }

    private Stores OpenPostgres(string postgres) =>
        File.Exists(folder.Core)
            ? throw Foreign("it has a database of its own (core.db), and --postgres names another one")
            : new Stores(PostgresStore.Open(postgres, "core", clock), PostgresStore.Open(postgres, "series", clock));

    private Stores OpenSqlite(string? known)
    {
        if (known is null && !File.Exists(folder.Core) && HasFiles())
        {
            throw Foreign("there are files in it, and no database (core.db)");
        }

        foreach (var path in (string[])[folder.Core, folder.Series])
        {
            // Before the first start has come to its end, one may be there without the other.
            if (known is not null && !File.Exists(path))
            {
                throw Foreign($"its {Path.GetFileName(path)} is gone, or it belongs to a PostgreSQL database");
            }
        }

        return new Stores(OpenSqlite(folder.Core, "core", folder.Series), OpenSqlite(folder.Series, "series"));
    }

    private SqliteStore OpenSqlite(string path, string migrations, string? beside = null)
    {
        try
        {
            return SqliteStore.Open(path, migrations, clock, DiskFailed, beside);
        }
        catch (SqliteException e)
        {
            throw new DataFolderException(
                $"The database {path} cannot be used ({e.Message}). If it is damaged, restore a backup: alidade restore.",
                e
            );
        }
    }

    private static string IdentityOf(Stores stores) =>
        Read(stores, s => s.First<string>("SELECT id FROM store_identity")!);

    private static bool HasUsers(Stores stores) =>
        Read(stores, s => s.First<long?>("SELECT 1 FROM user_account WHERE id > 0 LIMIT 1") is not null);

    /// <summary>At the start there is nothing else to do meanwhile.</summary>
    private static T Read<T>(Stores stores, Func<ISession, T> work) =>
        stores.Core.ReadAsync(work).GetAwaiter().GetResult();

    private bool HasFiles() =>
        Directory.Exists(folder.Blobs)
        && Directory.EnumerateFiles(folder.Blobs, "*", SearchOption.AllDirectories).Any();

    private DataFolderException Foreign(string why) =>
        new(
            $"The data folder {folder.Path} is not for this start: {why}. Start as before (--postgres or not), name another "
                + "folder with --data, or restore a backup into a new one. Nothing was changed."
        );

    /// <summary>After a failed sync nothing more may be acknowledged: the next start reads what is really there.</summary>
    private static void DiskFailed(Exception error) =>
        Environment.FailFast(
            "The disk under the data folder failed; the server stops before it promises anything more.",
            error
        );
}
