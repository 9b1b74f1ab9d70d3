namespace Alidade.Server.Platform;

/// <summary>Times as the stores keep them.</summary>
internal static class Micros
{
    /// <summary>Microseconds since 1970 UTC: for comparisons; what is stored takes its stamp from the transaction.</summary>
    public static long Now(TimeProvider time) => (time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

    /// <summary>A time that can be shown: from 1970 to 9999.</summary>
    public static bool IsMoment(long micros) => micros is >= 0 and < 253_402_300_800_000_000;
}
