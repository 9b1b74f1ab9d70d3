using Alidade.Storage.Platform.Sqlite;
using Microsoft.Data.Sqlite;

namespace Alidade.Storage.Backups;

/// <summary>
/// Copies several SQLite files as they all were at one instant, while a server writes to them. The files have no common
/// transaction, but what one acknowledges another relies on: copied one after the other, they could hold a mixture that
/// no crash leaves behind. So the writers of all files are held for a moment, in which a read transaction begins on
/// each; the writers go on, and the copies are made from these transactions. The result is what a power cut at that
/// instant would have left, which every start knows how to take up.
/// </summary>
internal static class SqliteCut
{
    /// <summary>How long the writers of earlier files may be held while a later one is busy.</summary>
    private const int HoldSeconds = 2;

    private const int Tries = 30;

    /// <param name="files">The file whose batches last longest first: it is waited for while nothing is held.</param>
    /// <exception cref="BackupException">A file is damaged, or too busy.</exception>
    public static void Copy(IReadOnlyList<(string From, string To)> files)
    {
        var readers = new List<SqliteConnection>();
        try
        {
            readers.AddRange(files.Select(f => Open(f.From, SqliteOpenMode.ReadWrite)));
            Pin(files, readers);
            foreach (var (reader, file) in readers.Zip(files))
            {
                Copy(reader, file.To);
            }
        }
        finally
        {
            readers.ForEach(r => r.Dispose());
        }
    }

    private static void Pin(IReadOnlyList<(string From, string To)> files, List<SqliteConnection> readers)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                Hold([.. files.Select(f => f.From)], () => readers.ForEach(Begin));
                return;
            }
            catch (SqliteException e) when (e.SqliteErrorCode == SQLitePCL.raw.SQLITE_BUSY)
            {
                if (tries == Tries)
                {
                    throw new BackupException(
                        "The databases are too busy to be copied at one instant. Try again when less is written.",
                        e
                    );
                }
            }
        }
    }

    /// <summary>Runs the action while nobody can write to any of the files.</summary>
    private static void Hold(ReadOnlySpan<string> files, Action action)
    {
        if (files.IsEmpty)
        {
            action();
            return;
        }

        using var gate = Open(files[0], SqliteOpenMode.ReadWrite);
        Execute(gate, "BEGIN IMMEDIATE");
        Hold(files[1..], action);
        Execute(gate, "ROLLBACK");
    }

    /// <summary>A transaction reads the state at its first read.</summary>
    private static void Begin(SqliteConnection reader)
    {
        Execute(reader, "BEGIN");
        Execute(reader, "SELECT COUNT(*) FROM sqlite_master");
    }

    private static void Copy(SqliteConnection reader, string to)
    {
        using var copy = Open(to, SqliteOpenMode.ReadWriteCreate);
        reader.BackupDatabase(copy);
        Execute(reader, "COMMIT");

        // One file instead of a file and its log; the server turns the log on again.
        Execute(copy, "PRAGMA journal_mode = DELETE");
        if (Execute(copy, "PRAGMA quick_check(1)") is not "ok" and var damage)
        {
            throw new BackupException($"{reader.DataSource} is damaged: {damage}");
        }
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        SqliteLibrary.Ensure();
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = mode,
                Pooling = false,
                DefaultTimeout = HoldSeconds,
            }.ToString()
        );
        connection.Open();
        Execute(connection, "PRAGMA wal_autocheckpoint = 0");
        return connection;
    }

    private static object? Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    /// <summary>The newest migration that a copy has.</summary>
    public static string NewestMigration(string path)
    {
        using var connection = Open(path, SqliteOpenMode.ReadOnly);
        return (string)Execute(connection, "SELECT MAX(name) FROM migration")!;
    }
}
