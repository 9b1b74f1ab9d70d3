using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Alidade.Storage.Platform.Sqlite;

/// <summary>
/// One SQLite file: a single write connection owned by one thread, which alone checkpoints, and as many read connections
/// as there are readers. With one writer there is nothing to wait for and nothing to be locked.
/// </summary>
public sealed class SqliteStore : IStore
{
    private readonly string _path;
    private readonly string? _beside;
    private readonly SqliteWriter _writer;
    private readonly ConcurrentBag<SqliteReader> _readers = [];
    private bool _closed;

    private SqliteStore(string path, string? beside, SqliteWriter writer)
    {
        _path = path;
        _beside = beside;
        _writer = writer;
    }

    public Dialect Dialect => Dialect.Sqlite;

    /// <inheritdoc/>
    /// <remarks>Of this file alone, not of the one beside it.</remarks>
    public long? Version => _writer.Version;

    /// <inheritdoc/>
    /// <remarks>Nobody else writes to the file.</remarks>
    public long? RecentVersion => Version;

    /// <summary>Opens or creates the file, brings its schema up to date and starts the writer.</summary>
    /// <param name="migrations">Folder of the migrations to apply: <c>core</c> or <c>series</c>.</param>
    /// <param name="fatal">Called once when the disk fails: nothing can be acknowledged any more.</param>
    /// <param name="beside">Another file that reads see too, each in a snapshot of its own; made by the time of the first read.</param>
    public static SqliteStore Open(
        string path,
        string migrations,
        MonotonicClock clock,
        Action<Exception> fatal,
        string? beside = null
    )
    {
        var connection = Connect(path, write: true);
        // To sort what an index is made of may take more memory than there is.
        Execute(connection, "PRAGMA temp_store = FILE");
        Migrations.Migrator.Apply(connection, Dialect.Sqlite, migrations, clock);
        Execute(connection, "PRAGMA temp_store = MEMORY");
        return new SqliteStore(path, beside, new SqliteWriter(new SqliteTransaction(connection, clock), fatal));
    }

    public Task<T> WriteAsync<T>(
        Func<ITransaction, T> work,
        Lane lane = Lane.Control,
        CancellationToken cancellation = default
    ) => _writer.WriteAsync(work, lane, cancellation);

    /// <inheritdoc/>
    /// <remarks>Runs on the caller's thread: a read of the page cache takes microseconds, a thread switch costs more.</remarks>
    public Task<T> ReadAsync<T>(Func<ISession, T> work, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_closed, this);
        if (!_readers.TryTake(out var session))
        {
            session = new SqliteReader(Connect(_path, write: false), _beside is null ? [_path] : [_path, _beside]);
            if (_beside is not null)
            {
                session.Execute("ATTACH DATABASE @Path AS beside", new { Path = _beside });
            }
        }

        try
        {
            session.Begin();
            try
            {
                return Task.FromResult(work(session));
            }
            finally
            {
                session.End();
            }
        }
        finally
        {
            _readers.Add(session);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _closed = true;
        await _writer.DisposeAsync();
        foreach (var session in _readers)
        {
            session.Dispose();
        }
    }

    private static SqliteConnection Connect(string path, bool write)
    {
        SqliteLibrary.Ensure();
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = SqliteOpenMode.ReadWriteCreate,
                Pooling = false,
            }.ToString()
        );
        connection.Open();
        Execute(
            connection,
            write
                ? """
                PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;
                PRAGMA busy_timeout = 30000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768;
                PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;
                """
                : """
                PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0; PRAGMA trusted_schema = OFF;
                PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192;
                """
        );
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
