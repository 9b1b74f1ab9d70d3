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
}
