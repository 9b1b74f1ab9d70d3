namespace Alidade.Engine.Jobs;

/// <summary>How long a job waits before it is tried again, and where it stands among those that wait.</summary>
public static class Waiting
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan PerPriority = TimeSpan.FromMinutes(10);

    /// <summary>A random part of a span that doubles with each retry, so that jobs lost together come back apart.</summary>
    /// <param name="chance">At least 0 and less than 1.</param>
    public static TimeSpan Backoff(int retries, double chance) =>
        TimeSpan.FromTicks((long)(Math.Min(Most.Ticks, First.Ticks * Math.Pow(2, retries)) * chance));

    /// <summary>
    /// Jobs run in the order of this number of microseconds. It never changes while a job waits, and yet waiting ages:
    /// one step of priority is worth ten minutes.
    /// </summary>
    public static long Rank(long runAt, int priority) => runAt - (priority * (PerPriority.Ticks / 10));

    /// <summary>
    /// A number from 0 to 1 that differs well between neighbouring jobs, so that they spread without a random source.
    /// </summary>
    public static double Spread(long job, int attempt)
    {
        var golden = ((job * 31) + attempt) * 0.618_033_988_749_894_9;
        return golden - Math.Floor(golden);
    }
}
