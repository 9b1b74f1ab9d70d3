using Microsoft.Data.Sqlite;

namespace Alidade.Storage.Platform.Sqlite;

/// <summary>The writer's session: one for the life of the store, used by its thread alone.</summary>
internal sealed class SqliteTransaction(SqliteConnection connection, MonotonicClock clock)
    : SqliteSession(connection),
        ITransaction
{
    public long Now { get; private set; }

    public void Begin() => Execute("BEGIN IMMEDIATE");

    public void Commit() => Execute("COMMIT");

    /// <summary>Tolerates that SQLite has already rolled back by itself, as it does after some errors.</summary>
    public void Rollback()
    {
        try
        {
            Execute("ROLLBACK");
        }
        catch (SqliteException e) when (e.SqliteErrorCode == SQLitePCL.raw.SQLITE_ERROR)
        {
            return;
        }
    }

    public void BeginCommand()
    {
        Now = clock.Next();
        Execute("SAVEPOINT command");
    }

    public void KeepCommand() => Execute("RELEASE command");

    public void UndoCommand()
    {
        Execute("ROLLBACK TO command");
        Execute("RELEASE command");
    }

    public void Send(string sql, object? args = null) => Execute(sql, args);

    /// <summary>An id costs a write here, so it is taken when it is needed.</summary>
    public void Reserve(Sequence sequence) { }

    public long NextId(Sequence sequence) =>
        Scalar<long>(
            "UPDATE sequence SET value = value + 1 WHERE name = @Name RETURNING value",
            new { Name = sequence == Sequence.Resource ? "resource" : "snapshot" }
        );
}
