using System.Text.Json;
using System.Text.RegularExpressions;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Alidade.Storage.Platform.Sqlite;

/// <summary>
/// A session that keeps its prepared statements: preparing costs SQLite more than running a small statement. Used by one
/// thread at a time.
/// </summary>
internal partial class SqliteSession(SqliteConnection connection) : DbSession, IDisposable
{
    private const int MostStatements = 500;

    private readonly Dictionary<string, SqliteCommand> _statements = new(StringComparer.Ordinal);

    public override Dialect Dialect => Dialect.Sqlite;

    /// <remarks>There is no way to save: it runs at once.</remarks>
    public override Answer<T> Ask<T>(string sql, object? args = null)
    {
        using var reader = Prepare(sql, args).ExecuteReader();
        return new Answer<T>(reader.Parse<T>().AsList());
    }

    public int Execute(string sql, object? args = null) => Prepare(sql, args).ExecuteNonQuery();

    public void Dispose()
    {
        Forget();
        connection.Dispose();
    }

    private SqliteCommand Prepare(string sql, object? args)
    {
        if (!_statements.TryGetValue(sql, out var command))
        {
            if (_statements.Count == MostStatements)
            {
                Forget();
            }

            command = connection.CreateCommand();
            command.CommandText = ArrayParameter().Replace(sql, "IN (SELECT value FROM json_each($1))");
            _statements.Add(sql, command);
        }

        command.Parameters.Clear();
        foreach (var (name, _, value) in Arguments.Of(args))
        {
            command.Parameters.AddWithValue(name, Bindable(value));
        }

        return command;
    }

    /// <summary>SQLite has no arrays: <c>= ANY(@Ids)</c> reads them from JSON, so that the statement stays prepared.</summary>
    private static object Bindable(object? value) =>
        value switch
        {
            null => DBNull.Value,
            IEnumerable<long> ids => JsonSerializer.Serialize(ids),
            IEnumerable<string> names => JsonSerializer.Serialize(names),
            _ => value,
        };

    [GeneratedRegex(@"=\s*ANY\((@\w+)\)")]
    private static partial Regex ArrayParameter();

    /// <summary>Ends the prepared statements, not the connection.</summary>
    internal void Forget()
    {
        foreach (var command in _statements.Values)
        {
            command.Dispose();
        }

        _statements.Clear();
    }
}
