using Alidade.Engine.Jobs;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Workers;

/// <summary>A worker's session: it holds the lease of all attempts the worker runs.</summary>
public sealed record SessionRow
{
    public long Id { get; init; }
    public long Worker { get; init; }
    public long Pool { get; init; }
    public long Token { get; init; }
    public string Secret { get; init; } = "";

    /// <summary>JSON list of queue names the worker watches.</summary>
    public string Queues { get; init; } = "[]";
    public int Slots { get; init; }
    public string Labels { get; init; } = "{}";
    public string Levels { get; init; } = "[]";
    public string Version { get; init; } = "";
    public string State { get; init; } = "";
    public long Created { get; init; }
    public long Seen { get; init; }
    public long? Ended { get; init; }
    public long Cpu { get; init; }
    public long Memory { get; init; }
    public long Gpus { get; init; }

    /// <summary>JSON list of names.</summary>
    public string DataFolders { get; init; } = "[]";

    /// <summary>1 where it may have jobs of a server with several users.</summary>
    public int Shared { get; init; }

    public Offer Offer => new(Labeling.Parse(Labels), DataFolderNames.Parse(DataFolders), new(Cpu, Memory, Gpus));

    public bool IsDraining => State == "draining";
}

/// <summary>A live session with its worker and load, as lists and explanations need it.</summary>
public sealed record WorkerRow
{
    public long Session { get; init; }
    public long Worker { get; init; }
    public long Pool { get; init; }
    public string PoolName { get; init; } = "";
    public string Name { get; init; } = "";
    public string Host { get; init; } = "";
    public string Queues { get; init; } = "[]";
    public string PoolQueues { get; init; } = "[]";
    public int Slots { get; init; }
    public string Levels { get; init; } = "[]";
    public string Version { get; init; } = "";
    public string State { get; init; } = "";
    public long Created { get; init; }
    public long Seen { get; init; }
    public int Busy { get; init; }
    public string Labels { get; init; } = "{}";
    public long Cpu { get; init; }
    public long Memory { get; init; }
    public long Gpus { get; init; }

    /// <summary>JSON list of names.</summary>
    public string DataFolders { get; init; } = "[]";

    /// <summary>1 where it may have jobs of a server with several users.</summary>
    public int Shared { get; init; }

    public Offer Offer => new(Labeling.Parse(Labels), DataFolderNames.Parse(DataFolders), new(Cpu, Memory, Gpus));

    /// <summary>JSON, of the last renewal.</summary>
    public string? Load { get; init; }
}

/// <summary>Reads of sessions.</summary>
public static class SessionReader
{
    public static SessionRow? Find(ISession read, long session) =>
        read.First<SessionRow>("SELECT * FROM worker_session WHERE id = @Session", new { Session = session });

    /// <summary>The workers that are there now.</summary>
    public static IReadOnlyList<WorkerRow> Live(ISession read) =>
        read.Query<WorkerRow>(
            """
            SELECT s.id AS session, s.worker, s.pool, p.name AS pool_name, w.name, w.host, s.queues, p.queues AS pool_queues,
                s.slots, s.labels, s.cpu, s.memory, s.gpus, s.levels, s.version, s.state, s.created, s.seen, s.data_folders,
                s.shared, s.load, (SELECT COUNT(*) FROM attempt a WHERE a.worker = s.worker AND a.state IN ('granted', 'running')) AS busy
            FROM worker_session s JOIN worker w ON w.id = s.worker JOIN pool p ON p.id = s.pool
            WHERE s.ended IS NULL ORDER BY w.name, s.id
            """
        );
}
