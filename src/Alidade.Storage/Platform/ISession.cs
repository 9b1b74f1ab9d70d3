namespace Alidade.Storage.Platform;

/// <summary>
/// SQL over one connection. Parameters are the members of <c>args</c>, written <c>@Name</c>; rows map to records or
/// scalars by column name as Dapper does, without regard to underscores; row types are records with <c>init</c> members.
/// A list parameter is an array of <c>long</c> or <c>string</c>, used as <c>= ANY(@Ids)</c>. Times are microseconds since
/// 1970 UTC.
/// </summary>
public interface ISession
{
    Dialect Dialect { get; }

    IReadOnlyList<T> Query<T>(string sql, object? args = null);

    /// <summary>
    /// Asks without waiting. Statements run in the order in which they were given; on PostgreSQL this one travels with
    /// the next that is waited for, at the latest with the commit, which saves a round trip.
    /// </summary>
    Answer<T> Ask<T>(string sql, object? args = null);

    /// <summary>The first row, or the default of <typeparamref name="T"/> when there is none.</summary>
    T? First<T>(string sql, object? args = null);

    T Scalar<T>(string sql, object? args = null);
}

/// <summary>A session that may write; ends with the batch it belongs to.</summary>
public interface ITransaction : ISession
{
    /// <summary>The time of this command: strictly greater than that of any command before it in this process.</summary>
    long Now { get; }

    /// <summary>How many rows it touched: a guarded update that touched none was refused.</summary>
    int Execute(string sql, object? args = null);

    /// <summary>Writes without waiting, as <see cref="ISession.Ask"/> asks: what is wrong with it is told later.</summary>
    void Send(string sql, object? args = null);

    /// <summary>Takes the next id of a sequence; a rolled back command leaves a gap.</summary>
    long NextId(Sequence sequence);

    /// <summary>
    /// Says that <see cref="NextId"/> is likely to be called. Where that takes a round trip, the id comes with what is
    /// asked before; it is newer than all that was locked until here.
    /// </summary>
    void Reserve(params Sequence[] sequences);
}

/// <summary>Ids that several tables share, or that must be known before a row is written.</summary>
public enum Sequence
{
    /// <summary>All versioned resources and jobs.</summary>
    Resource,

    /// <summary>All snapshots, and the state changes of jobs, which are shown as snapshots.</summary>
    Snapshot,

    /// <summary>All attempts of jobs.</summary>
    Attempt,
}
