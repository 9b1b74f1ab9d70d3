using Alidade.Engine.Jobs;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Workers;

/// <summary>What the attempts that a worker holds take of it.</summary>
public sealed record WorkerUse
{
    public long Worker { get; init; }
    public int Attempts { get; init; }
    public long Cpu { get; init; }
    public long Memory { get; init; }
    public long Gpus { get; init; }

    public Capacity Capacity => new(Cpu, Memory, Gpus);

    private const string Sums = """
        COUNT(*) AS attempts, CAST(COALESCE(SUM(l.cpu), 0) AS BIGINT) AS cpu,
            CAST(COALESCE(SUM(l.memory), 0) AS BIGINT) AS memory, CAST(COALESCE(SUM(l.gpus), 0) AS BIGINT) AS gpus
        FROM attempt a JOIN job j ON j.id = a.job JOIN lane l ON l.id = j.lane
        """;

    internal static WorkerUse Of(ISession read, long worker) =>
        read.First<WorkerUse>(
            $"SELECT {Sums} WHERE a.worker = @Worker AND a.state IN ('granted', 'running')",
            new { Worker = worker }
        )!;

    /// <summary>How many attempts the worker of a session holds.</summary>
    internal static Answer<int> AskAttempts(ISession read, long session) =>
        read.Ask<int>(
            """
            SELECT COUNT(*) FROM attempt
            WHERE worker = (SELECT worker FROM worker_session WHERE id = @Session) AND state IN ('granted', 'running')
            """,
            new { Session = session }
        );

    /// <summary>Of every worker that holds any.</summary>
    public static IReadOnlyDictionary<long, WorkerUse> All(ISession read) =>
        read.Query<WorkerUse>($"SELECT a.worker, {Sums} WHERE a.state IN ('granted', 'running') GROUP BY a.worker")
            .ToDictionary(use => use.Worker);
}
