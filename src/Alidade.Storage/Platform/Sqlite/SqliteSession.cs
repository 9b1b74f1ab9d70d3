using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace Alidade.Storage.Platform.Sqlite;

/// <summary>
/// A session that keeps its prepared statements: preparing costs SQLite more than running a small statement. Used by one
/// thread at a time.
/// </summary>
internal partial class SqliteSession(SqliteConnection connection) : DbSession, IDisposable
{
    private const int MostStatements = 500;

    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);

    public override Dialect Dialect => Dialect.Sqlite;

    /// <remarks>There is no way to save: it runs at once.</remarks>
    public override Answer<T> Ask<T>(string sql, object? args = null) => new(Prepare(sql).Query<T>(args));

    public int Execute(string sql, object? args = null) => Prepare(sql).Execute(args);

    public void Dispose()
    {
        Forget();
        connection.Dispose();
    }

    private SqliteStatement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            if (_statements.Count == MostStatements)
            {
                Forget();
            }

            // SQLite has no arrays: they come as JSON, so that the statement stays prepared.
            var text = ArrayParameter().Replace(sql, "IN (SELECT value FROM json_each($1))");
            statement = new SqliteStatement(connection.Handle!, text);
            _statements.Add(sql, statement);
        }

        return statement;
    }

    [GeneratedRegex(@"=\s*ANY\((@\w+)\)")]
    private static partial Regex ArrayParameter();

    /// <summary>Ends the prepared statements, not the connection.</summary>
    internal void Forget()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
    }
}
