using Microsoft.Data.Sqlite;

namespace Alidade.Storage.Platform.Sqlite;

/// <summary>The writer's session: one for the life of the store, used by its thread alone.</summary>
internal sealed class SqliteTransaction(SqliteConnection connection, MonotonicClock clock)
    : SqliteSession(connection),
        ITransaction
{
    /// <summary>The last ids that this transaction has taken: written once, however many there are.</summary>
    private readonly Dictionary<string, long> _sequences = [];

    public long Now { get; private set; }

    public void Begin() => Execute("BEGIN IMMEDIATE");

    public void Commit()
    {
        foreach (var (name, value) in _sequences)
        {
            Execute("UPDATE sequence SET value = @value WHERE name = @name", new { name, value });
        }

        _sequences.Clear();
        Execute("COMMIT");
    }

    /// <summary>Tolerates that SQLite has already rolled back by itself, as it does after some errors.</summary>
    public void Rollback()
    {
        _sequences.Clear();
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

    /// <summary>An id costs nothing here.</summary>
    public void Reserve(params Sequence[] sequences) { }

    public long NextId(Sequence sequence)
    {
        var name = sequence switch
        {
            Sequence.Resource => "resource",
            Sequence.Snapshot => "snapshot",
            _ => "attempt",
        };
        return _sequences[name] = 1 + (_sequences.TryGetValue(name, out var last) ? last : Last(name));
    }

    private long Last(string name) => Scalar<long>("SELECT value FROM sequence WHERE name = @name", new { name });
}
