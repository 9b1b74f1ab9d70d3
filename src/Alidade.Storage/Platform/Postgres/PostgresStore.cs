using System.Data;
using Npgsql;

namespace Alidade.Storage.Platform.Postgres;

/// <summary>A PostgreSQL database: each write is one transaction, tried again when the database asks for it.</summary>
public sealed class PostgresStore : IStore
{
    private const int MostTries = 6;

    /// <summary>Threads that may wait for the database before the runtime hesitates to begin another.</summary>
    private const int WaitingThreads = 32;

    /// <summary>
    /// Classes of SQL states: connection, refused user, no such database, resources, operator, system.
    /// </summary>
    private static readonly string[] UnavailableClasses = ["08", "28", "3D", "53", "57", "58"];

    private readonly NpgsqlDataSource _source;
    private readonly MonotonicClock _clock;
    private long _commits;

    private PostgresStore(NpgsqlDataSource source, MonotonicClock clock)
    {
        _source = source;
        _clock = clock;
    }

    public Dialect Dialect => Dialect.Postgres;

    public long? Version => null;

    /// <summary>Our own commits, and the time for those of others: neither goes back, so their sum stands for both.</summary>
    public long? RecentVersion => Volatile.Read(ref _commits) + _clock.Seconds;

    /// <summary>The pool behind the store, for bulk COPY.</summary>
    public NpgsqlDataSource Source => _source;

    /// <summary>Connects and brings the schema up to date; many servers may do so at once.</summary>
    /// <exception cref="DatabaseException">The text is no connection string, or there is no such database.</exception>
    public static PostgresStore Open(string connectionString, string migrations, MonotonicClock clock)
    {
        var settings = new NpgsqlConnectionStringBuilder(Checked(connectionString))
        {
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
            Timezone = "UTC",
            // Nothing that we set outlives its transaction, so a connection need not be made as new for its next user.
            NoResetOnClose = true,
            ApplicationName = "alidade",
        };

        EnsureThreads();

        // Our queries read few rows; compiling one costs more than it could ever save.
        settings.Options = $"{settings.Options} -c jit=off".TrimStart();
        var source = NpgsqlDataSource.Create(settings);
        using (var connection = Connect(source))
        {
            Migrations.Migrator.Apply(connection, Dialect.Postgres, migrations, clock);
        }

        return new PostgresStore(source, clock);
    }

    /// <summary>The address as it may be shown.</summary>
    /// <exception cref="DatabaseException">It is none.</exception>
    public static string WithoutPassword(string connectionString)
    {
        var shown = new NpgsqlConnectionStringBuilder(Checked(connectionString));
        if (shown.Password is not null)
        {
            shown.Password = "***";
        }

        return shown.ConnectionString;
    }

    private static string Checked(string connectionString)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString).ConnectionString;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new DatabaseException($"This is no address of a PostgreSQL database: {e.Message}", e);
        }
    }

    private static NpgsqlConnection Connect(NpgsqlDataSource source)
    {
        try
        {
            return source.OpenConnection();
        }
        catch (NpgsqlException e)
        {
            source.Dispose();
            throw new DatabaseException($"The PostgreSQL database cannot be used: {e.Message}", e);
        }
    }

    public async Task<T> WriteAsync<T>(
        Func<ITransaction, T> work,
        Lane lane = Lane.Control,
        CancellationToken cancellation = default
    )
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await using var connection = await _source.OpenConnectionAsync(cancellation);
                await using var transaction = await connection.BeginTransactionAsync(cancellation);
                var session = new PostgresTransaction(connection, _clock.Next());
                try
                {
                    var result = work(session);
                    await session.CommitAsync();
                    return result;
                }
                finally
                {
                    // Also of one that failed: it may be durable though nobody heard it.
                    Interlocked.Increment(ref _commits);
                }
            }
            catch (Exception e) when (MayTryAgain(e) && tries < MostTries)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1, 4 << tries)), cancellation);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                throw new UniqueViolationException(e.MessageText, e);
            }
            catch (NpgsqlException e) when (IsUnavailable(e))
            {
                throw Unavailable(e);
            }
        }
    }

    public async Task<T> ReadAsync<T>(Func<ISession, T> work, CancellationToken cancellation = default)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(
                IsolationLevel.RepeatableRead,
                cancellation
            );
            var result = work(new PostgresSession(connection));
            await transaction.CommitAsync(cancellation);
            return result;
        }
        catch (NpgsqlException e) when (IsUnavailable(e))
        {
            throw Unavailable(e);
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    /// <summary>
    /// Work holds its thread while the database answers, and statements that travel together need a second one for a
    /// moment. The runtime begins with as many as there are cores and adds two a second: eight writers on two cores would
    /// stand still for seconds.
    /// </summary>
    private static void EnsureThreads()
    {
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(Math.Max(workers, WaitingThreads), completions);
    }

    private static StoreUnavailableException Unavailable(NpgsqlException e) =>
        new("The database does not answer: " + e.Message, e);

    /// <summary>
    /// Nobody there, or somebody who cannot serve now: a server that starts, stops or has no room for another connection.
    /// What is wrong with a statement would be wrong again.
    /// </summary>
    private static bool IsUnavailable(NpgsqlException e) =>
        e is not PostgresException { SqlState: { } state } || UnavailableClasses.Contains(state[..2]);

    /// <summary>
    /// A unique value that another transaction took in the meantime is there to be seen on the next try, so that work which
    /// looks before it writes gives its own answer.
    /// </summary>
    private static bool MayTryAgain(Exception e) =>
        e
            is ConcurrentChangeException
                or PostgresException
                {
                    SqlState: PostgresErrorCodes.SerializationFailure
                        or PostgresErrorCodes.DeadlockDetected
                        or PostgresErrorCodes.UniqueViolation
                };
}
