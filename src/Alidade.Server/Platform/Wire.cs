using System.Globalization;
using Alidade.Engine.Search;

namespace Alidade.Server.Platform;

/// <summary>How values look on the wire.</summary>
public static class Wire
{
    public const string Root = "/api/v1";

    private static readonly long Earliest = (DateTimeOffset.MinValue - DateTimeOffset.UnixEpoch).Ticks / 10;
    private static readonly long Latest = (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / 10;

    /// <summary>ISO-8601 in UTC, with microseconds except for a whole second, as Dioptra writes it.</summary>
    /// <param name="micros">Microseconds since 1970 UTC; what lies outside of the years 1 to 9999 is shown as their border.</param>
    public static string Time(long micros) =>
        DateTimeOffset
            .UnixEpoch.AddTicks(Math.Clamp(micros, Earliest, Latest) * 10)
            .ToString(
                micros % 1_000_000 == 0 ? "yyyy-MM-dd'T'HH:mm:ss'+00:00'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'+00:00'",
                CultureInfo.InvariantCulture
            );

    public static string? Time(long? micros) => micros is { } value ? Time(value) : null;

    /// <summary>For names and search: what differs only in case is the same.</summary>
    public static string Fold(string text) => TextFolding.Fold(text);
}
