using System.Globalization;
using Alidade.Server.Platform.Errors;
using Alidade.Storage.Metrics;

namespace Alidade.Server.Metrics;

/// <summary>The place of a point in its series as a text that a client gives back.</summary>
internal static class PlaceText
{
    public static string Write(SeriesPoints points, int index) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{points.Steps[index]}:{points.Times[index]}:{OrderedDouble.ToLong(points.Values[index])}"
        );

    /// <summary>Null for a text that is no place.</summary>
    public static PointPlace? Parse(string text) =>
        text.Split(':') is [var step, var time, var value]
        && long.TryParse(step, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var s)
        && long.TryParse(time, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var t)
        && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var v)
            ? new PointPlace(s, t, v)
            : null;

    /// <exception cref="InvalidInputException">It is no place.</exception>
    public static PointPlace Read(string text, string field) =>
        Parse(text) ?? throw new InvalidInputException(field, "It is not the end of an earlier page.");
}
