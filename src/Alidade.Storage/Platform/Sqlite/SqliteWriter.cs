using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Alidade.Storage.Platform.Sqlite;

/// <summary>
/// The only thread that writes to a file. A batch is what waits when the last commit returns: under load many commands
/// share one sync of the disk, and a lone command waits for nobody.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    /// <summary>Commands in one transaction: bounds how long the first of them waits for its answer.</summary>
    private const int BatchLimit = 500;

    /// <summary>Commands that may wait in each lane; beyond it callers are told to come back.</summary>
    private const int QueueLimit = 20_000;

    private readonly SqliteTransaction _transaction;
    private readonly Action<Exception> _fatal;
    private readonly Thread _thread;

    /// <summary>A monitor and no semaphore: one that waits here sleeps at once instead of spinning first.</summary>
    private readonly object _gate = new();
    private readonly Queue<Command> _control = new();
    private readonly Queue<Command> _bulk = new();
    private Exception? _broken;
    private bool _closing;

    /// <summary>Odd during a commit, when some readers see it already and others do not yet.</summary>
    private long _version;

    public SqliteWriter(SqliteTransaction transaction, Action<Exception> fatal)
    {
        _transaction = transaction;
        _fatal = fatal;
        _thread = new Thread(Run) { IsBackground = true, Name = "store writer" };
        _thread.Start();
    }

    public long? Version => Volatile.Read(ref _version) is var version && version % 2 == 0 ? version : null;

    public Task<T> WriteAsync<T>(Func<ITransaction, T> work, Lane lane, CancellationToken cancellation)
    {
        var command = new Command<T>(work, cancellation);
        lock (_gate)
        {
            if (_broken is not null || _closing)
            {
                throw new StoreUnavailableException("The store is closed and takes no more writes.", _broken);
            }

            var queue = lane == Lane.Control ? _control : _bulk;
            if (queue.Count >= QueueLimit)
            {
                throw new StoreUnavailableException($"{QueueLimit} writes are waiting. Send again in a second.");
            }

            queue.Enqueue(command);
            Monitor.Pulse(_gate);
        }

        return command.Task;
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_closing)
            {
                return;
            }

            _closing = true;
            Monitor.Pulse(_gate);
        }

        await Task.Run(_thread.Join);
        _transaction.Dispose();
    }

    private void Run()
    {
        var batch = new List<Command>(BatchLimit);
        while (Take(batch))
        {
            try
            {
                Commit(batch);
            }
            catch (Exception e)
            {
                Fail(batch, e);
            }

            batch.Clear();
        }
    }

    /// <summary>Waits for work and takes a batch, control before bulk; false when closing and nothing is left.</summary>
    private bool Take(List<Command> batch)
    {
        lock (_gate)
        {
            while (_control.Count + _bulk.Count == 0 && !_closing)
            {
                Monitor.Wait(_gate);
            }

            while (batch.Count < BatchLimit && (_control.TryDequeue(out var next) || _bulk.TryDequeue(out next)))
            {
                batch.Add(next);
            }

            return batch.Count > 0;
        }
    }

    private void Commit(List<Command> batch)
    {
        _transaction.Begin();
        foreach (var command in batch)
        {
            command.Run(_transaction);
        }

        Interlocked.Increment(ref _version);
        try
        {
            _transaction.Commit();
        }
        finally
        {
            Interlocked.Increment(ref _version);
        }

        foreach (var command in batch)
        {
            command.Acknowledge();
        }
    }

    private void Fail(List<Command> batch, Exception error)
    {
        var fatal =
            error is SqliteException { SqliteErrorCode: raw.SQLITE_IOERR or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB };
        if (fatal)
        {
            // After a failed sync nobody knows what is on the disk: stop acknowledging for good.
            lock (_gate)
            {
                _broken = error;
            }
        }
        else
        {
            _transaction.Rollback();
        }

        foreach (var command in batch)
        {
            command.Fail(new StoreUnavailableException("The write could not be committed: " + error.Message, error));
        }

        if (fatal)
        {
            _fatal(error);
        }
    }

    private abstract class Command
    {
        public abstract void Run(SqliteTransaction transaction);

        public abstract void Acknowledge();

        public abstract void Fail(Exception error);
    }

    private sealed class Command<T>(Func<ITransaction, T> work, CancellationToken cancellation) : Command
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;
        private Exception? _error;

        public Task<T> Task => _done.Task;

        public override void Run(SqliteTransaction transaction)
        {
            if (cancellation.IsCancellationRequested)
            {
                _error = new OperationCanceledException(cancellation);
                return;
            }

            transaction.BeginCommand();
            try
            {
                _result = work(transaction);
                transaction.KeepCommand();
            }
            catch (SqliteException e)
                when (e.SqliteErrorCode is raw.SQLITE_IOERR or raw.SQLITE_CORRUPT or raw.SQLITE_FULL)
            {
                throw;
            }
            catch (Exception e)
            {
                transaction.UndoCommand();
                _error = e
                    is SqliteException
                    {
                        SqliteExtendedErrorCode: raw.SQLITE_CONSTRAINT_UNIQUE or raw.SQLITE_CONSTRAINT_PRIMARYKEY
                    }
                    ? new UniqueViolationException(e.Message, e)
                    : e;
            }
        }

        public override void Acknowledge()
        {
            if (_error is OperationCanceledException { CancellationToken: var token } && token == cancellation)
            {
                _done.TrySetCanceled(token);
            }
            else if (_error is not null)
            {
                _done.TrySetException(_error);
            }
            else
            {
                _done.TrySetResult(_result!);
            }
        }

        public override void Fail(Exception error) => _done.TrySetException(_error ?? error);
    }
}
