using Dapper;

namespace Alidade.Storage.Platform;

/// <summary>
/// SQL whose rows Dapper maps. Row types are records with <c>init</c> members, so that the integer widths of the two
/// databases convert by themselves.
/// </summary>
internal abstract class DbSession : ISession
{
    static DbSession() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    public abstract Dialect Dialect { get; }

    public abstract Answer<T> Ask<T>(string sql, object? args = null);

    public IReadOnlyList<T> Query<T>(string sql, object? args = null) => Ask<T>(sql, args).Rows;

    public T? First<T>(string sql, object? args = null) => Ask<T>(sql, args).First;

    public T Scalar<T>(string sql, object? args = null) => First<T>(sql, args)!;
}
