namespace Alidade.Storage.Platform;

/// <summary>
/// One database. Reads run beside each other; writes are queued, batched and acknowledged only when durable.
/// The same contract holds on SQLite and PostgreSQL, proved by one set of compliance tests.
/// </summary>
public interface IStore : IAsyncDisposable
{
    Dialect Dialect { get; }

    /// <summary>
    /// Stands for what is stored: while it is the same, so is every answer. Null in the moment in which that changes, and
    /// always where other servers write too.
    /// </summary>
    long? Version { get; }

    /// <summary>
    /// As <see cref="Version"/>, for answers that may lack what other servers on the same database wrote within the last
    /// second.
    /// </summary>
    long? RecentVersion { get; }

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction and returns its result once the commit is durable.
    /// </summary>
    /// <param name="work">
    /// Synchronous, nothing but SQL, free of side effects outside the transaction: it may run again. It sees the
    /// earlier commands of its batch; an exception undoes only itself and reaches only its caller.
    /// </param>
    /// <param name="lane">Control goes before bulk.</param>
    Task<T> WriteAsync<T>(
        Func<ITransaction, T> work,
        Lane lane = Lane.Control,
        CancellationToken cancellation = default
    );

    /// <summary>Runs <paramref name="work"/> on a read connection, in one snapshot.</summary>
    Task<T> ReadAsync<T>(Func<ISession, T> work, CancellationToken cancellation = default);
}

/// <summary>Which SQL a store speaks; for the few places where portable SQL does not do.</summary>
public enum Dialect
{
    Sqlite,
    Postgres,
}

/// <summary>Control is claim, finish, cancel and what a person waits for; bulk is ingestion.</summary>
public enum Lane
{
    Control,
    Bulk,
}

/// <summary>The two databases of a deployment. No invariant spans them.</summary>
/// <param name="Core">Truth: resources, jobs, users, audit. Its read sessions see the tables of the series too.</param>
/// <param name="Series">Metric segments and chunks, log chunks, event cursors.</param>
public sealed record Stores(IStore Core, IStore Series);
