namespace Alidade.Storage.Platform;

/// <summary>
/// Microseconds since 1970 UTC, each greater than the one before: what was created later also sorts later, whatever the
/// resolution or the jumps of the system's clock.
/// </summary>
public sealed class MonotonicClock(TimeProvider time)
{
    private long _last;

    /// <summary>The present time, not advanced: for comparisons, not for stamps.</summary>
    public long Peek() => Math.Max(Volatile.Read(ref _last), Micros(time.GetUtcNow()));

    public long Next()
    {
        while (true)
        {
            var last = Volatile.Read(ref _last);
            var next = Math.Max(last + 1, Micros(time.GetUtcNow()));
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
            {
                return next;
            }
        }
    }

    /// <summary>Continues after the newest stamp that is already stored.</summary>
    public void StartAfter(long stamp)
    {
        if (stamp > _last)
        {
            _last = stamp;
        }
    }

    /// <summary>Seconds that have passed since some moment, by a clock that nobody sets back.</summary>
    public long Seconds => time.GetTimestamp() / time.TimestampFrequency;

    private static long Micros(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;
}
