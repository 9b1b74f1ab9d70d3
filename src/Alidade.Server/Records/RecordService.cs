using Alidade.Server.Jobs;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Records;
using Alidade.Storage.Runs;

namespace Alidade.Server.Records;

/// <summary>Puts records together from what was written at submit, at each start and at each end.</summary>
public sealed class RecordService(Stores stores)
{
    public Task<RecordView> GetAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => RecordReader.View(Read(s, caller, id)), cancellation);

    public Task<ComparisonView> CompareAsync(Caller caller, long id, long other, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => RecordComparison.Of(Read(s, caller, id), Read(s, caller, other)), cancellation);

    private static RecordRows Read(ISession s, Caller caller, long id)
    {
        JobReader.Get(s, caller, id);
        var attempts = s.Query<RecordedAttempt>(
            """
            SELECT a.id, a.number, a.state, w.name AS worker, a.started, a.ended, a.reason, a.exit_code, a.signal, a.peak_memory,
                a.cpu_seconds, a.facts, a.remains
            FROM attempt a LEFT JOIN worker w ON w.id = a.worker WHERE a.job = @Id ORDER BY a.number
            """,
            new { Id = id }
        );
        var starts = attempts.ToDictionary(a => a.Number, a => StartFacts.Read(a.Facts));
        var parts = RecordParts.Find(s, starts.Values.OfType<StartFacts>().SelectMany(f => f.Parts));
        var detail = JobReader.Detail(s, id);
        var entrypoint = s.First<RefRow>(
            "SELECT resource_id AS id, name FROM snapshot WHERE id = @Snapshot",
            new { Snapshot = detail.EntrypointSnapshot }
        );
        var kept = RunStore.FindMany(s, [.. attempts.Select(a => AttemptRuns.IdOf(detail.Run, a.Id))]);
        return new RecordRows(id, detail, entrypoint, attempts, starts, parts, kept.Select(run => run.Id).ToHashSet());
    }
}

/// <summary>All that is stored about a job's record.</summary>
/// <param name="Kept">Runs that have what earlier attempts recorded.</param>
/// <param name="Entrypoint">For a job without a plan, which says it otherwise; null when it was purged.</param>
internal sealed record RecordRows(
    long Job,
    JobDetail Detail,
    RefRow? Entrypoint,
    IReadOnlyList<RecordedAttempt> Attempts,
    IReadOnlyDictionary<int, StartFacts?> Starts,
    IReadOnlyDictionary<string, RecordPart> Parts,
    IReadOnlySet<string> Kept
)
{
    /// <summary>The run that has what an attempt recorded, once another one has begun.</summary>
    public string? KeptOf(RecordedAttempt attempt) =>
        AttemptRuns.IdOf(Detail.Run, attempt.Id) is var run && Kept.Contains(run) ? run : null;
}

internal sealed record RecordedAttempt
{
    public long Id { get; init; }
    public int Number { get; init; }
    public string State { get; init; } = "";
    public string? Worker { get; init; }
    public long? Started { get; init; }
    public long? Ended { get; init; }
    public string? Reason { get; init; }
    public int? ExitCode { get; init; }
    public int? Signal { get; init; }
    public long? PeakMemory { get; init; }
    public double? CpuSeconds { get; init; }
    public string? Facts { get; init; }
    public string? Remains { get; init; }
}
