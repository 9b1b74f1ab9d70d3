using Npgsql;
using NpgsqlTypes;

namespace Alidade.Storage.Platform.Postgres;

/// <summary>
/// Parameters typed by their declaration, not by their value: a NULL of no type would make another statement to prepare of
/// each combination.
/// </summary>
internal static class PostgresParameter
{
    private static readonly Dictionary<Type, NpgsqlDbType> Types = new()
    {
        [typeof(long)] = NpgsqlDbType.Bigint,
        [typeof(int)] = NpgsqlDbType.Integer,
        [typeof(double)] = NpgsqlDbType.Double,
        [typeof(bool)] = NpgsqlDbType.Boolean,
        [typeof(string)] = NpgsqlDbType.Text,
        [typeof(byte[])] = NpgsqlDbType.Bytea,
    };

    public static NpgsqlParameter Of(string name, Type? declared, object? value)
    {
        var parameter = new NpgsqlParameter(name, value ?? DBNull.Value);
        if (declared is not null && Types.TryGetValue(declared, out var type))
        {
            parameter.NpgsqlDbType = type;
        }

        return parameter;
    }
}
