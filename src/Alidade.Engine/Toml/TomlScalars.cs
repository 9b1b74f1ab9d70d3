using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Alidade.Engine.Values;

namespace Alidade.Engine.Toml;

/// <summary>Booleans, numbers and times. A time stays the text it is written as.</summary>
internal static partial class TomlScalars
{
    public static Value Read(TomlCursor cursor)
    {
        var place = cursor.Place;
        if (cursor.TryTake(Boolean()) is { } flag)
        {
            return Value.Of(flag == "true");
        }

        if (cursor.TryTake(Time()) is { } time)
        {
            return IsTime(time) ? Value.Of(time) : throw TomlCursor.Error(place, $"{time} is no time that exists");
        }

        if (cursor.TryTake(Integer()) is { } integer)
        {
            return Value.Of(ReadInteger(integer.Replace("_", "", StringComparison.Ordinal)));
        }

        return cursor.TryTake(Float()) is { } real
            ? Value.Of(ReadFloat(real.Replace("_", "", StringComparison.Ordinal)))
            : throw cursor.Expected("a string in quotes, a number, a time, true, false, [ or {");
    }

    private static BigInteger ReadInteger(string text) =>
        text.Length > 2 && text[1] is 'x' or 'o' or 'b'
            ? text[2..]
                .Aggregate(BigInteger.Zero, (sum, digit) => (sum * Base(text[1])) + Convert.ToInt32($"{digit}", 16))
            : BigInteger.Parse(text, CultureInfo.InvariantCulture);

    private static int Base(char letter) =>
        letter switch
        {
            'x' => 16,
            'o' => 8,
            _ => 2,
        };

    private static double ReadFloat(string text) =>
        text.TrimStart('+', '-') switch
        {
            "inf" => text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity,
            "nan" => double.NaN,
            _ => double.Parse(text, CultureInfo.InvariantCulture),
        };

    /// <summary>The pattern has seen to the digits; this sees to the calendar.</summary>
    private static bool IsTime(string text)
    {
        var date = text.Length >= 10 && text[4] == '-' ? text[..10] : "2000-01-01";
        return DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
    }

    [GeneratedRegex(@"\G(true|false)" + End)]
    private static partial Regex Boolean();

    [GeneratedRegex(
        @"\G([+-]?(0|[1-9](_?[0-9])*)|0x[0-9A-Fa-f](_?[0-9A-Fa-f])*|0o[0-7](_?[0-7])*|0b[01](_?[01])*)" + End
    )]
    private static partial Regex Integer();

    [GeneratedRegex(@"\G[+-]?((0|[1-9](_?[0-9])*)(\.[0-9](_?[0-9])*)?([eE][+-]?[0-9](_?[0-9])*)?|inf|nan)" + End)]
    private static partial Regex Float();

    [GeneratedRegex(
        @"\G([0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ]" + Clock + @"([Zz]|[+-]" + Hour + @":[0-5][0-9])?)?|" + Clock + @")" + End
    )]
    private static partial Regex Time();

    private const string Hour = @"([01][0-9]|2[0-3])";

    private const string Clock = Hour + @":[0-5][0-9](:([0-5][0-9]|60)(\.[0-9]+)?)?";

    /// <summary>A value ends where something else may begin, so that <c>1.2.3</c> is no number.</summary>
    private const string End = @"(?=[\s,\]}#]|\z)";
}
