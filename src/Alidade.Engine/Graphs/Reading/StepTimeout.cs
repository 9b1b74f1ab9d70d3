using System.Globalization;
using Alidade.Engine.Values;

namespace Alidade.Engine.Graphs.Reading;

/// <summary>The time limit of a step: seconds, or a number with its unit.</summary>
internal static class StepTimeout
{
    private const double Longest = 366 * 86_400.0;

    public static bool TryRead(Value value, out double seconds)
    {
        seconds = value switch
        {
            IntegerValue integer => (double)integer.Number,
            FloatValue real => real.Number,
            StringValue { Text: [.. var number, var unit] } when Seconds(unit) is { } each => Parse(number) * each,
            _ => double.NaN,
        };
        return seconds is > 0 and <= Longest;
    }

    private static double Parse(string number) =>
        double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var parsed)
            ? parsed
            : double.NaN;

    private static double? Seconds(char unit) =>
        unit switch
        {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => null,
        };
}
