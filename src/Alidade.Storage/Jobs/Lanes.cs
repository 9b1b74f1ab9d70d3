using System.Text.Json;
using Alidade.Engine.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;

namespace Alidade.Storage.Jobs;

/// <summary>Waiting jobs that are alike to every worker: the same queue, group and shape.</summary>
public sealed record LaneRow
{
    public long Id { get; init; }
    public long Queue { get; init; }
    public long GroupId { get; init; }
    public string Labels { get; init; } = "{}";
    public long Cpu { get; init; }
    public long Memory { get; init; }
    public long Gpus { get; init; }

    /// <summary>JSON list of names, in order.</summary>
    public string DataFolders { get; init; } = "[]";

    public Shape Shape => new(Labeling.Parse(Labels), Capacity) { DataFolders = DataFolderNames.Parse(DataFolders) };

    public Capacity Capacity => new(Cpu, Memory, Gpus);
}

/// <summary>
/// Lanes are interned, so a claim looks at one index per lane however many jobs wait, and matches shapes without reading
/// them.
/// </summary>
public static class Lanes
{
    internal const string Busy = """
        WITH RECURSIVE busy (lane) AS (
            SELECT MIN(lane) FROM job WHERE state = 'queued'
            UNION ALL SELECT (SELECT MIN(j.lane) FROM job j WHERE j.state = 'queued' AND j.lane > busy.lane)
            FROM busy WHERE busy.lane IS NOT NULL)
        SELECT l.* FROM busy JOIN lane l ON l.id = busy.lane
        WHERE NOT EXISTS (SELECT 1 FROM queue_pause p WHERE p.queue = l.queue)
        """;

    public static long Of(ITransaction tx, long queue, long group, Shape shape)
    {
        var lane = new
        {
            Queue = queue,
            Group = group,
            Labels = Labeling.Text(shape.Labels),
            shape.Capacity.Cpu,
            shape.Capacity.Memory,
            shape.Capacity.Gpus,
            DataFolders = JsonSerializer.Serialize(shape.DataFolders),
        };
        const string Same =
            "queue = @Queue AND group_id = @Group AND labels = @Labels AND cpu = @Cpu AND memory = @Memory AND gpus = @Gpus "
            + "AND data_folders = @DataFolders";
        return tx.First<long?>($"SELECT id FROM lane WHERE {Same}", lane)
            ?? tx.Scalar<long>(
                """
                INSERT INTO lane (queue, group_id, labels, cpu, memory, gpus, data_folders)
                VALUES (@Queue, @Group, @Labels, @Cpu, @Memory, @Gpus, @DataFolders) RETURNING id
                """,
                lane
            );
    }

    /// <summary>
    /// The lanes in which jobs wait, each found with one step into the index. Looking costs no place in the writer's line,
    /// so many idle workers cost little.
    /// </summary>
    public static IReadOnlyList<LaneRow> WithWork(ISession read) => read.Query<LaneRow>(Busy);

    /// <summary>Queues whose jobs nobody gets for the time being. There are few, as each was paused by somebody.</summary>
    internal static Answer<long> AskPaused(ISession read) => read.Ask<long>("SELECT queue FROM queue_pause");
}
