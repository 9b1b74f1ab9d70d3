using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;

namespace Alidade.Server.Metrics;

/// <summary>
/// Compacts in the background: a run at once when much of it waits, any other when nothing more has come for a while. So
/// what readers must look through stays small, and what is written slowly is not written again for every point.
/// </summary>
public sealed partial class CompactionLoop(Stores stores, TimeProvider time, ILogger<CompactionLoop> logger)
    : BackgroundService
{
    private const int ManyPoints = 8192;
    private const int ManySegments = 256;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    /// <summary>The newest batch of each run that waits, and since when it is the newest.</summary>
    private readonly Dictionary<string, (long Newest, long Since)> _seen = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            do
            {
                await CompactAsync(stoppingToken);
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // A step that was under way is whole or was not made.
        }
    }

    private async Task CompactAsync(CancellationToken cancellation)
    {
        try
        {
            var waiting = await stores.Series.ReadAsync(Compaction.Waiting, cancellation);
            foreach (var run in Due(waiting))
            {
                // One step for each, so that no run waits for a long one.
                await Compaction.StepAsync(stores.Series, run, cancellation);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The loop must outlive any failure of the store; the next tick tries again.
            Failed(e);
        }
    }

    private List<string> Due(IReadOnlyList<Backlog> waiting)
    {
        var now = time.GetTimestamp();
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
                || time.GetElapsedTime(seen.Since, now) >= Quiet
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
    private partial void Failed(Exception error);
}
