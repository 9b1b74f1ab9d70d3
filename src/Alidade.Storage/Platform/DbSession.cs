using System.Data.Common;
using Dapper;

namespace Alidade.Storage.Platform;

/// <summary>
/// SQL through Dapper over one connection. Row types are records with <c>init</c> members, so that the integer widths of
/// the two databases convert by themselves.
/// </summary>
internal abstract class DbSession(DbConnection connection, Dialect dialect) : ISession
{
    static DbSession() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    public Dialect Dialect { get; } = dialect;

    protected DbConnection Connection { get; } = connection;

    protected DbTransaction? Transaction { get; set; }

    public virtual IReadOnlyList<T> Query<T>(string sql, object? args = null) =>
        Connection.Query<T>(sql, args, Transaction).AsList();

    public T? First<T>(string sql, object? args = null)
    {
        var rows = Query<T>(sql, args);
        return rows.Count == 0 ? default : rows[0];
    }

    public T Scalar<T>(string sql, object? args = null) => First<T>(sql, args)!;

    public virtual int Execute(string sql, object? args = null) => Connection.Execute(sql, args, Transaction);
}
