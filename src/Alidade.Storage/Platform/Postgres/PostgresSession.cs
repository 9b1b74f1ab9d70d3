using Npgsql;

namespace Alidade.Storage.Platform.Postgres;

internal class PostgresSession : DbSession
{
    public PostgresSession(NpgsqlConnection connection, NpgsqlTransaction transaction)
        : base(connection, Dialect.Postgres) => Transaction = transaction;
}

internal sealed class PostgresTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction, long now)
    : PostgresSession(connection, transaction),
        ITransaction
{
    public long Now { get; } = now;

    public long NextId(Sequence sequence) =>
        Scalar<long>(
            sequence == Sequence.Resource ? "SELECT nextval('resource_ids')" : "SELECT nextval('snapshot_ids')"
        );
}
