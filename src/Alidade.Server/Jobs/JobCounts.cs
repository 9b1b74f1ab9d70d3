using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Jobs;

/// <summary>How many jobs there are, by what becomes of them. Every count follows an index.</summary>
public sealed class JobCounts(Stores stores)
{
    private const string Over = "('finished', 'failed', 'cancelled', 'skipped')";

    /// <summary>What runs and waits now, in all groups of the caller.</summary>
    public Task<LiveCount> LiveAsync(Caller caller, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s => new LiveCount(
                s.Scalar<long>(
                    """
                    SELECT COUNT(*) FROM attempt a JOIN job j ON j.id = a.job
                    WHERE a.state IN ('granted', 'running') AND j.group_id = ANY(@Visible)
                    """,
                    new { caller.Visible }
                ),
                s.Scalar<long>(
                    "SELECT COUNT(*) FROM job WHERE state = 'queued' AND group_id = ANY(@Visible)",
                    new { caller.Visible }
                )
            ),
            cancellation
        );

    /// <summary>Jobs and tracked runs of these experiments; one without either is left out.</summary>
    public Task<IReadOnlyDictionary<long, ExperimentCount>> OfExperimentsAsync(
        Caller caller,
        IReadOnlyList<long> experiments,
        CancellationToken cancellation
    ) =>
        stores.Core.ReadAsync<IReadOnlyDictionary<long, ExperimentCount>>(
            s =>
                s.Query<ExperimentCount>(
                        $"""
                        SELECT experiment, COUNT(*) AS runs, MAX(modified) AS last_change,
                            CAST(SUM(CASE WHEN state NOT IN {Over} THEN 1 ELSE 0 END) AS BIGINT) AS live,
                            CAST(SUM(CASE WHEN state = 'failed' THEN 1 ELSE 0 END) AS BIGINT) AS failed
                        FROM job WHERE experiment = ANY(@Ids) AND group_id = ANY(@Visible) AND deleted IS NULL GROUP BY experiment
                        UNION ALL
                        SELECT experiment, COUNT(*) AS runs, MAX(COALESCE(ended, started, created)) AS last_change,
                            CAST(SUM(CASE WHEN status IN ('RUNNING', 'SCHEDULED') THEN 1 ELSE 0 END) AS BIGINT) AS live,
                            CAST(SUM(CASE WHEN status = 'FAILED' THEN 1 ELSE 0 END) AS BIGINT) AS failed
                        FROM run WHERE own = 0 AND experiment = ANY(@Ids) AND group_id = ANY(@Visible) AND deleted IS NULL
                        GROUP BY experiment
                        """,
                        new { Ids = experiments.ToArray(), caller.Visible }
                    )
                    .GroupBy(count => count.Experiment)
                    .ToDictionary(
                        same => same.Key,
                        same => new ExperimentCount
                        {
                            Experiment = same.Key,
                            Runs = same.Sum(count => count.Runs),
                            Live = same.Sum(count => count.Live),
                            Failed = same.Sum(count => count.Failed),
                            LastChange = same.Max(count => count.LastChange),
                        }
                    ),
            cancellation
        );

    /// <summary>For every queue in which a job waits or runs.</summary>
    public Task<IReadOnlyDictionary<long, QueueCount>> OfQueuesAsync(Caller caller, CancellationToken cancellation) =>
        stores.Core.ReadAsync<IReadOnlyDictionary<long, QueueCount>>(
            s =>
            {
                var waiting = s.Query<QueueCount>(
                    """
                    SELECT queue, COUNT(*) AS waiting, MIN(created) AS oldest FROM job
                    WHERE state = 'queued' AND group_id = ANY(@Visible) GROUP BY queue
                    """,
                    new { caller.Visible }
                );
                var running = s.Query<QueueCount>(
                    """
                    SELECT j.queue, COUNT(*) AS running FROM attempt a JOIN job j ON j.id = a.job
                    WHERE a.state IN ('granted', 'running') AND j.group_id = ANY(@Visible) GROUP BY j.queue
                    """,
                    new { caller.Visible }
                );
                return waiting
                    .Concat(running)
                    .GroupBy(count => count.Queue)
                    .ToDictionary(
                        same => same.Key,
                        same => new QueueCount
                        {
                            Queue = same.Key,
                            Waiting = same.Sum(count => count.Waiting),
                            Running = same.Sum(count => count.Running),
                            Oldest = same.Max(count => count.Oldest),
                        }
                    );
            },
            cancellation
        );
}

/// <summary>Jobs a worker holds, and jobs that wait for one.</summary>
public sealed record LiveCount(long Running, long Waiting);

public sealed record ExperimentCount
{
    public long Experiment { get; init; }
    public long Runs { get; init; }
    public long Live { get; init; }
    public long Failed { get; init; }

    /// <summary>Microseconds since 1970 UTC.</summary>
    public long LastChange { get; init; }
}

public sealed record QueueCount
{
    public long Queue { get; init; }
    public long Waiting { get; init; }
    public long Running { get; init; }

    /// <summary>Since when the job that waits longest has waited; microseconds since 1970 UTC.</summary>
    public long? Oldest { get; init; }
}
