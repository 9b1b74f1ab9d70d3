using Alidade.Server.Platform.Background;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;

namespace Alidade.Server.Metrics;

/// <summary>
/// Compacts in the background: a run at once when much of it waits, any other when nothing more has come for a while. So
/// what readers must look through stays small, and what is written slowly is not written again for every point.
/// </summary>
public sealed partial class CompactionLoop(Stores stores, TimeProvider time, ILogger<CompactionLoop> logger)
    : PeriodicLoop(TimeSpan.FromSeconds(2), time)
{
    private const int ManyPoints = 8192;
    private const int ManySegments = 256;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    /// <summary>The newest batch of each run that waits, and since when it is the newest.</summary>
    private readonly Dictionary<string, (long Newest, long Since)> _seen = [];

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        var waiting = await stores.Series.ReadAsync(Compaction.Waiting, cancellation);
        foreach (var run in Due(waiting))
        {
            // One step for each, so that no run waits for a long one.
            await Compaction.StepAsync(stores.Series, run, cancellation);
        }
    }

    private List<string> Due(IReadOnlyList<Backlog> waiting)
    {
        var now = Time.GetTimestamp();
        var due = new List<string>();
        foreach (var backlog in waiting)
        {
            if (!_seen.TryGetValue(backlog.Run, out var seen) || seen.Newest != backlog.Newest)
            {
                _seen[backlog.Run] = seen = (backlog.Newest, now);
            }

            if (
                backlog.Points >= ManyPoints
                || backlog.Segments >= ManySegments
                || Time.GetElapsedTime(seen.Since, now) >= Quiet
            )
            {
                due.Add(backlog.Run);
            }
        }

        foreach (var gone in _seen.Keys.Except(waiting.Select(b => b.Run)).ToList())
        {
            _seen.Remove(gone);
        }

        return due;
    }

    [LoggerMessage(1, LogLevel.Error, "Metrics could not be compacted; they are tried again")]
    protected override partial void Failed(Exception error);
}
