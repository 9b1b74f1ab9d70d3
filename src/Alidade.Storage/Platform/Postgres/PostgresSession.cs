using System.Data.Common;
using Dapper;
using Npgsql;

namespace Alidade.Storage.Platform.Postgres;

/// <summary>
/// A session that gathers statements until an answer is needed: most of what a small one costs is its way to the
/// database and back.
/// </summary>
internal class PostgresSession(NpgsqlConnection connection) : DbSession
{
    private readonly List<NpgsqlBatchCommand> _commands = [];
    private readonly List<Action<DbDataReader>> _answers = [];

    public override Dialect Dialect => Dialect.Postgres;

    public override Answer<T> Ask<T>(string sql, object? args = null)
    {
        var answer = new Answer<T>(Flush);
        Add(sql, args);
        _answers.Add(reader => answer.Set(reader.Parse<T>().AsList()));
        return answer;
    }

    protected NpgsqlBatchCommand Add(string sql, object? args)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var (name, type, value) in Arguments.Of(args))
        {
            command.Parameters.Add(PostgresParameter.Of(name, type, value));
        }

        _commands.Add(command);
        return command;
    }

    /// <summary>Runs what was gathered, in one round trip.</summary>
    internal void Flush()
    {
        if (_commands.Count == 0)
        {
            return;
        }

        var (batch, answers) = Gathered();
        using (batch)
        {
            using var reader = batch.ExecuteReader();
            Read(reader, answers);
        }
    }

    protected async Task FlushAsync()
    {
        var (batch, answers) = Gathered();
        await using (batch)
        {
            await using var reader = await batch.ExecuteReaderAsync();
            Read(reader, answers);
        }
    }

    private (NpgsqlBatch, Action<DbDataReader>[]) Gathered()
    {
        var batch = connection.CreateBatch();
        _commands.ForEach(batch.BatchCommands.Add);
        _commands.Clear();
        Action<DbDataReader>[] answers = [.. _answers];
        _answers.Clear();
        return (batch, answers);
    }

    /// <summary>Only statements that have rows are stops of the reader.</summary>
    private static void Read(NpgsqlDataReader reader, Action<DbDataReader>[] answers)
    {
        foreach (var answer in answers)
        {
            answer(reader);
            reader.NextResult();
        }
    }
}

internal sealed class PostgresTransaction(NpgsqlConnection connection, long now)
    : PostgresSession(connection),
        ITransaction
{
    /// <summary>Where an id comes: in which answer, and in which of its rows.</summary>
    private readonly Dictionary<Sequence, (Answer<long> Ids, int Row)> _reserved = [];

    public long Now { get; } = now;

    public int Execute(string sql, object? args = null)
    {
        var command = Add(sql, args);
        Flush();
        return command.RecordsAffected;
    }

    public void Send(string sql, object? args = null) => Add(sql, args);

    public long NextId(Sequence sequence)
    {
        if (!_reserved.ContainsKey(sequence))
        {
            Reserve(sequence);
        }

        _reserved.Remove(sequence, out var reserved);
        return reserved.Ids.Rows[reserved.Row];
    }

    public void Reserve(params Sequence[] sequences)
    {
        var ids = Ask<long>(string.Join(" UNION ALL ", sequences.Select(Next)));
        for (var row = 0; row < sequences.Length; row++)
        {
            _reserved[sequences[row]] = (ids, row);
        }
    }

    /// <summary>What was sent and not waited for goes with the commit.</summary>
    public Task CommitAsync()
    {
        Send("COMMIT");
        return FlushAsync();
    }

    private static string Next(Sequence sequence) =>
        sequence switch
        {
            Sequence.Resource => "SELECT nextval('resource_ids')",
            Sequence.Snapshot => "SELECT nextval('snapshot_ids')",
            _ => "SELECT nextval('attempt_ids')",
        };
}
