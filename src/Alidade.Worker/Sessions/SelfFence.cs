using Alidade.Engine.Protocol;
using Alidade.Worker.Attempts;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Sessions;

/// <summary>
/// Ends the worker's attempts shortly before the server gives their jobs to somebody else, so that a worker cut off
/// from the server does not run beside its replacement. Attempts that have ended are only kept for their report.
/// </summary>
internal sealed class SelfFence(AttemptTable attempts, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private long _renewed = time.GetTimestamp();
    private TimeSpan _lostAfter = TimeSpan.FromSeconds(300);

    /// <param name="sent">When the renewal that succeeded was sent: the server counts from no earlier moment.</param>
    public void Renewed(long sent, Intervals? intervals = null)
    {
        lock (_gate)
        {
            _renewed = sent;
            if (intervals is { LostAfter: var seconds })
            {
                _lostAfter = TimeSpan.FromSeconds(seconds);
            }
        }
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Tick, time);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            var (silence, usual) = Silence();
            bool IsDue(Attempt attempt) => !attempt.IsFenced && silence >= Limit(attempt.LostAfter ?? usual);
            foreach (var attempt in attempts.All.Where(IsDue))
            {
                log.Fenced(attempt.Id, attempt.Job, silence.TotalSeconds);
                attempt.KillUnrenewed();
            }
        }
    }

    private static TimeSpan Limit(TimeSpan lostAfter) => lostAfter - (lostAfter >= Margin * 2 ? Margin : lostAfter / 2);

    private (TimeSpan Silence, TimeSpan LostAfter) Silence()
    {
        lock (_gate)
        {
            return (time.GetElapsedTime(_renewed), _lostAfter);
        }
    }
}
