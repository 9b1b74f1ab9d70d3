using Alidade.Engine.Protocol;
using Alidade.Worker.Attempts;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Sessions;

/// <summary>
/// Ends the worker's attempts shortly before the server gives their jobs to somebody else, so that a worker cut off
/// from the server does not run beside its replacement. Attempts that have ended are only kept for their report. Where the
/// worker itself is gone, supervisors see by the file that nobody was heard, and do the same.
/// </summary>
/// <param name="heard">The file that is touched whenever the server answered.</param>
internal sealed class SelfFence(AttemptTable attempts, string heard, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private long _renewed = time.GetTimestamp();
    private TimeSpan _lostAfter = TimeSpan.FromSeconds(300);

    /// <param name="sent">When the renewal that succeeded was sent: the server counts from no earlier moment.</param>
    public void Renewed(long sent, Intervals? intervals = null)
    {
        Touch();
        lock (_gate)
        {
            _renewed = sent;
            if (intervals is { LostAfter: var seconds })
            {
                _lostAfter = TimeSpan.FromSeconds(seconds);
            }
        }
    }

    /// <summary>What a supervisor goes by. The file is there from now on.</summary>
    /// <param name="lostAfter">Seconds, where the job says it.</param>
    public SilenceFile For(double? lostAfter)
    {
        if (!File.Exists(heard))
        {
            Touch();
        }

        return new SilenceFile(heard, Limit(Attempt.Span(lostAfter) ?? Silence().LostAfter).TotalSeconds);
    }

    /// <summary>Nothing is written into it: jobs need not end because the disk is full.</summary>
    private void Touch()
    {
        try
        {
            using (File.Open(heard, FileMode.OpenOrCreate)) { }
            File.SetLastWriteTimeUtc(heard, time.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.NotMarked(heard, e.Message);
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
