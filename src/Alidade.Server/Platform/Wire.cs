using System.Globalization;

namespace Alidade.Server.Platform;

/// <summary>How values look on the wire.</summary>
public static class Wire
{
    public const string Root = "/api/v1";

    private static readonly long Earliest = (DateTimeOffset.MinValue - DateTimeOffset.UnixEpoch).Ticks / 10;
    private static readonly long Latest = (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / 10;

    /// <summary>ISO-8601 with microseconds, always in UTC.</summary>
    /// <param name="micros">Microseconds since 1970 UTC; what lies outside of the years 1 to 9999 is shown as their border.</param>
    public static string Time(long micros) =>
        DateTimeOffset
            .UnixEpoch.AddTicks(Math.Clamp(micros, Earliest, Latest) * 10)
            .ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'+00:00'", CultureInfo.InvariantCulture);

    public static string? Time(long? micros) => micros is { } value ? Time(value) : null;

    /// <summary>For names and search: what differs only in case or form is the same.</summary>
    public static string Fold(string text) => text.Normalize(System.Text.NormalizationForm.FormKC).ToLowerInvariant();
}
