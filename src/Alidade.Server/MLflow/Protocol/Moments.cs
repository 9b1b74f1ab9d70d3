using System.Globalization;

namespace Alidade.Server.MLflow.Protocol;

/// <summary>Times: milliseconds on the wire, microseconds here.</summary>
internal static class Moments
{
    private const long Latest = long.MaxValue / 1000;

    public static long? Micros(long? millis, string parameter) =>
        millis is not { } value ? null
        : value is >= 0 and <= Latest ? value * 1000
        : throw MlflowException.WrongValue(
            parameter,
            value.ToString(CultureInfo.InvariantCulture),
            "Must be milliseconds since 1970, as a nonnegative long."
        );

    /// <param name="text">ISO-8601.</param>
    public static long? OfText(string? text, string parameter) =>
        text is null ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
        && at >= DateTimeOffset.UnixEpoch
            ? (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond
        : throw MlflowException.WrongValue(
            parameter,
            PythonText.Json(text),
            "Must be a moment such as 2026-01-31T12:00:00Z."
        );

    public static string Text(long micros) =>
        DateTimeOffset
            .UnixEpoch.AddMicroseconds(micros)
            .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
