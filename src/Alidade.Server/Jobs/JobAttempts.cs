using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Jobs;

/// <summary>The tries of a job: where each ran and how it ended.</summary>
public sealed class JobAttempts(Stores stores)
{
    public Task<IReadOnlyList<AttemptView>> ListAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                JobReader.Get(s, caller, id);
                return s.Query<AttemptView>(
                    """
                    SELECT a.number, a.state, w.name AS worker, a.granted, a.started, a.ended, a.reason, a.message, a.traceback,
                        a.step, a.exit_code, a.signal, a.peak_memory, a.cpu_seconds, a.facts
                    FROM attempt a LEFT JOIN worker w ON w.id = a.worker WHERE a.job = @Id ORDER BY a.number
                    """,
                    new { Id = id }
                );
            },
            cancellation
        );
}

/// <summary>One try; times in microseconds since 1970 UTC.</summary>
public sealed record AttemptView
{
    public int Number { get; init; }
    public string State { get; init; } = "";
    public string? Worker { get; init; }
    public long Granted { get; init; }
    public long? Started { get; init; }
    public long? Ended { get; init; }
    public string? Reason { get; init; }
    public string? Message { get; init; }
    public string? Traceback { get; init; }

    /// <summary>The step it failed in.</summary>
    public string? Step { get; init; }
    public int? ExitCode { get; init; }
    public int? Signal { get; init; }
    public long? PeakMemory { get; init; }
    public double? CpuSeconds { get; init; }

    /// <summary>What the supervisor said of itself at the start, as JSON.</summary>
    public string? Facts { get; init; }
}
