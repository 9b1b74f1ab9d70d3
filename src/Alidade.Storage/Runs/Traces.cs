using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>A trace of a call, as its client records it.</summary>
public sealed record TraceRow
{
    public string Id { get; init; } = "";
    public long Experiment { get; init; }
    public long GroupId { get; init; }
    public long UserId { get; init; }

    /// <summary>When the call began.</summary>
    public long At { get; init; }

    /// <summary><c>IN_PROGRESS</c>, <c>OK</c> or <c>ERROR</c>.</summary>
    public string State { get; init; } = "";

    /// <summary>JSON object of the rest.</summary>
    public string Info { get; init; } = "{}";
}

public static class Traces
{
    public static TraceRow? Find(ISession read, string id) =>
        read.First<TraceRow>("SELECT * FROM trace WHERE id = @Id", new { Id = id });

    /// <summary>Reads it and keeps others from changing or deleting it until the command ends.</summary>
    public static TraceRow? Lock(ITransaction tx, string id) =>
        tx.First<TraceRow>("SELECT * FROM trace WHERE id = @Id" + JobRow.ForUpdate(tx), new { Id = id });

    public static void Add(ITransaction tx, TraceRow trace) =>
        tx.Execute(
            """
            INSERT INTO trace (id, experiment, group_id, user_id, at, state, info)
            VALUES (@Id, @Experiment, @GroupId, @UserId, @At, @State, @Info)
            """,
            trace
        );

    /// <summary>Writes what of it may change, after it was locked; one that is gone stays gone.</summary>
    public static void Change(ITransaction tx, TraceRow trace) =>
        tx.Execute("UPDATE trace SET at = @At, state = @State, info = @Info WHERE id = @Id", trace);

    /// <summary>The newest first, after one of them.</summary>
    public static IReadOnlyList<TraceRow> Newest(ISession read, long[] experiments, TraceRow? after, int limit) =>
        read.Query<TraceRow>(
            $"""
            SELECT * FROM trace WHERE experiment = ANY(@Experiments) AND (at < @At OR (at = @At AND id < @Id))
            ORDER BY at DESC, id DESC LIMIT {limit}
            """,
            new
            {
                Experiments = experiments,
                At = after?.At ?? long.MaxValue,
                Id = after?.Id ?? "",
            }
        );

    /// <summary>The oldest up to a moment.</summary>
    public static IReadOnlyList<string> Oldest(ISession read, long experiment, long until, int limit) =>
        read.Query<string>(
            $"SELECT id FROM trace WHERE experiment = @Experiment AND at <= @Until ORDER BY at, id LIMIT {limit}",
            new { Experiment = experiment, Until = until }
        );

    /// <returns>How many of them there were.</returns>
    public static int Delete(ITransaction tx, long experiment, IReadOnlyList<string> ids)
    {
        var args = new { Experiment = experiment, Ids = ids.ToArray() };
        tx.Execute(
            "DELETE FROM run_artifact WHERE run IN (SELECT id FROM trace WHERE experiment = @Experiment AND id = ANY(@Ids))",
            args
        );
        return tx.Execute("DELETE FROM trace WHERE experiment = @Experiment AND id = ANY(@Ids)", args);
    }
}
