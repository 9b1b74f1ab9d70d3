using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace Alidade.Engine.Values;

/// <summary>Numbers in text as Python's <c>int()</c> and <c>float()</c> read them.</summary>
public static partial class PythonNumbers
{
    /// <summary>Python refuses longer ones too: converting them takes time that grows with the square.</summary>
    public const int MaxDigits = 4300;

    public static bool TryInteger(string text, out BigInteger number)
    {
        number = default;
        return Normal(text) is { } plain
            && plain.Length <= MaxDigits + 1
            && Integer().IsMatch(plain)
            && BigInteger.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }

    public static bool TryFloat(string text, out double number)
    {
        number = default;
        if (Normal(text) is not { } plain)
        {
            return false;
        }
        if (Special().Match(plain) is { Success: true } special)
        {
            number = special.Groups["nan"].Success ? double.NaN : double.PositiveInfinity;
            number = plain[0] == '-' ? -number : number;
            return true;
        }
        return Float().IsMatch(plain)
            && double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Without surrounding blanks and underscores, in ASCII digits; null when an underscore stands wrong.</summary>
    private static string? Normal(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var rune in Trim(text).EnumerateRunes())
        {
            var digit = CharUnicodeInfo.GetDecimalDigitValue(rune.ToString(), 0);
            plain.Append(digit >= 0 ? ((char)('0' + digit)).ToString() : rune.ToString());
        }
        var digits = plain.ToString();
        return StrayUnderscore().IsMatch(digits) ? null : digits.Replace("_", "", StringComparison.Ordinal);
    }

    private static string Trim(string text)
    {
        var start = 0;
        var end = text.Length;
        while (start < end && IsSpace(text[start]))
        {
            start++;
        }
        while (end > start && IsSpace(text[end - 1]))
        {
            end--;
        }
        return text[start..end];
    }

    private static bool IsSpace(char character) => char.IsWhiteSpace(character) || character is >= '\x1c' and <= '\x1f';

    [GeneratedRegex(@"\A[+-]?[0-9]+\z")]
    private static partial Regex Integer();

    [GeneratedRegex(@"\A[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\z")]
    private static partial Regex Float();

    [GeneratedRegex(@"\A[+-]?(?:(?<nan>nan)|inf|infinity)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Special();

    [GeneratedRegex(@"(?<![0-9])_|_(?![0-9])")]
    private static partial Regex StrayUnderscore();
}
