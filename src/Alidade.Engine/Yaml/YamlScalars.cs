using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Alidade.Engine.Values;

namespace Alidade.Engine.Yaml;

/// <summary>
/// What a plain YAML 1.1 scalar means, exactly as PyYAML's safe loader decides it: <c>yes</c> is true, <c>010</c> is
/// 8, <c>12:30:45</c> is 45045, and <c>1e3</c> is text.
/// </summary>
internal static partial class YamlScalars
{
    /// <exception cref="FormatException">It looks like a number or a date and is none.</exception>
    public static Value Resolve(string text)
    {
        if (Null().IsMatch(text))
        {
            return Value.Null;
        }
        if (Boolean().IsMatch(text))
        {
            return ReadBoolean(text);
        }
        if (Float().IsMatch(text))
        {
            return ReadFloat(text);
        }
        if (Integer().IsMatch(text))
        {
            return ReadInteger(text);
        }
        return Timestamp().IsMatch(text) ? ReadTimestamp(text) : Value.Of(text);
    }

    /// <summary>What an explicit tag, such as <c>!!int</c>, makes of a scalar.</summary>
    public static Value? Tagged(string tag, string text) =>
        tag switch
        {
            "tag:yaml.org,2002:str" => Value.Of(text),
            "tag:yaml.org,2002:null" => Value.Null,
            "tag:yaml.org,2002:bool" when Boolean().IsMatch(text) => ReadBoolean(text),
            "tag:yaml.org,2002:int" when Integer().IsMatch(text) => ReadInteger(text),
            "tag:yaml.org,2002:float" when Float().IsMatch(text) || Integer().IsMatch(text) => ReadFloat(text),
            "tag:yaml.org,2002:timestamp" when Timestamp().IsMatch(text) => ReadTimestamp(text),
            _ => null,
        };

    private static Value ReadBoolean(string text) => Value.Of(text.ToLowerInvariant() is "yes" or "true" or "on");

    private static Value ReadInteger(string text)
    {
        var (negative, digits) = Sign(text);
        if (digits.Length > PythonNumbers.MaxDigits)
        {
            throw new FormatException($"an integer may have {PythonNumbers.MaxDigits} digits at most");
        }
        var number = digits switch
        {
            "0" => BigInteger.Zero,
            _ when digits.StartsWith("0b", StringComparison.Ordinal) => InBase(2, digits[2..], text),
            _ when digits.StartsWith("0x", StringComparison.Ordinal) => InBase(16, digits[2..], text),
            _ when digits[0] == '0' => InBase(8, digits, text),
            _ => digits
                .Split(':')
                .Aggregate(
                    BigInteger.Zero,
                    (sum, part) => (sum * 60) + BigInteger.Parse(part, CultureInfo.InvariantCulture)
                ),
        };
        return Value.Of(negative ? -number : number);
    }

    private static BigInteger InBase(int radix, string digits, string text) =>
        digits.Length > 0
            ? digits.Aggregate(BigInteger.Zero, (sum, digit) => (sum * radix) + Convert.ToInt32(digit.ToString(), 16))
            : throw new FormatException($"\"{text}\" has no digits; write a number, or put quotes around the text");

    private static Value ReadFloat(string text)
    {
        var (negative, digits) = Sign(text);
        var number = digits.ToLowerInvariant() switch
        {
            ".inf" => double.PositiveInfinity,
            ".nan" => double.NaN,
            var plain => plain
                .Split(':')
                .Aggregate(0.0, (sum, part) => (sum * 60) + double.Parse(part, CultureInfo.InvariantCulture)),
        };
        return Value.Of(negative ? -number : number);
    }

    private static (bool Negative, string Digits) Sign(string text)
    {
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        return (plain[0] == '-', plain[0] is '-' or '+' ? plain[1..] : plain);
    }

    /// <summary>Dates stay text, in ISO form, since the values of a job are JSON.</summary>
    private static Value ReadTimestamp(string text)
    {
        var parts = TimestampParts().Match(text).Groups;
        int Part(string name) => parts[name].Success ? int.Parse(parts[name].Value, CultureInfo.InvariantCulture) : 0;
        try
        {
            var date = new DateTime(
                Part("year"),
                Part("month"),
                Part("day"),
                Part("hour"),
                Part("minute"),
                Part("second")
            );
            if (!parts["hour"].Success)
            {
                return Value.Of(date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            }
            var micros = parts["fraction"].Value.PadRight(6, '0')[..6];
            var fraction = micros == "000000" ? "" : $".{micros}";
            var time = date.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
            return Value.Of(time + fraction + Zone(parts, Part("zoneHour"), Part("zoneMinute")));
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw new FormatException(
                $"\"{text}\" looks like a date and is none; put quotes around it if it is text",
                error
            );
        }
    }

    private static string Zone(GroupCollection parts, int hours, int minutes)
    {
        if (!parts["zone"].Success)
        {
            return "";
        }
        var total = (hours * 60) + minutes;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(total, 24 * 60);
        var sign = parts["sign"].Value == "-" && total > 0 ? '-' : '+';
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{total / 60:00}:{total % 60:00}");
    }

    [GeneratedRegex(@"\A(?:~|null|Null|NULL|)\z")]
    private static partial Regex Null();

    [GeneratedRegex(@"\A(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)\z")]
    private static partial Regex Boolean();

    [GeneratedRegex(
        @"\A(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
            + @"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\z"
    )]
    private static partial Regex Float();

    [GeneratedRegex(
        @"\A(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+"
            + @"|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)\z"
    )]
    private static partial Regex Integer();

    [GeneratedRegex(
        @"\A(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}"
            + @":[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)\z"
    )]
    private static partial Regex Timestamp();

    [GeneratedRegex(
        @"\A(?<year>[0-9]{4})-(?<month>[0-9]{1,2})-(?<day>[0-9]{1,2})(?:(?:[Tt]|[ \t]+)(?<hour>[0-9]{1,2})"
            + @":(?<minute>[0-9]{2}):(?<second>[0-9]{2})(?:\.(?<fraction>[0-9]*))?"
            + @"(?:[ \t]*(?<zone>Z|(?<sign>[-+])(?<zoneHour>[0-9]{1,2})(?::(?<zoneMinute>[0-9]{2}))?))?)?\z"
    )]
    private static partial Regex TimestampParts();
}
