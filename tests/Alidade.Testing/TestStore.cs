using Alidade.Storage.Platform;
using Alidade.Storage.Platform.Postgres;
using Alidade.Storage.Platform.Sqlite;

namespace Alidade.Testing;

/// <summary>How a compliance test gets a store, and gets it again as a new process would find it.</summary>
public interface ITestStore : IAsyncDisposable
{
    Task<IStore> OpenAsync(string migrations = "core", TimeProvider? time = null);
}

/// <summary>A SQLite file in a temporary folder.</summary>
public sealed class SqliteTestStore : ITestStore
{
    private readonly TemporaryFolder _folder = new();

    public Task<IStore> OpenAsync(string migrations = "core", TimeProvider? time = null) =>
        Task.FromResult<IStore>(
            SqliteStore.Open(
                _folder.Sub(migrations + ".db"),
                migrations,
                new MonotonicClock(time ?? TimeProvider.System),
                e => throw new InvalidOperationException("The store broke.", e)
            )
        );

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>A database on the private PostgreSQL server.</summary>
public sealed class PostgresTestStore : ITestStore
{
    private string? _database;

    public async Task<IStore> OpenAsync(string migrations = "core", TimeProvider? time = null)
    {
        _database ??= await PostgresServer.NewMigratedDatabaseAsync();
        return PostgresStore.Open(_database, migrations, new MonotonicClock(time ?? TimeProvider.System));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
