using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Alidade.Engine.Toml;

/// <summary>Strings: basic ones in <c>"</c> with escapes, literal ones in <c>'</c>, each on one line or, tripled, on many.</summary>
internal static partial class TomlStrings
{
    public static bool BeginsAt(TomlCursor cursor) => cursor.Next is '"' or '\'';

    public static string Read(TomlCursor cursor)
    {
        var quote = cursor.Next.ToString();
        var tripled = quote + quote + quote;
        if (!cursor.TryTake(tripled))
        {
            return ReadLine(cursor);
        }

        cursor.TryTake("\n");
        return ReadLines(cursor, tripled);
    }

    /// <summary>A string on one line, as keys are written too.</summary>
    public static string ReadLine(TomlCursor cursor)
    {
        var quote = cursor.Take();
        var text = new StringBuilder();
        while (cursor.Next != quote)
        {
            if (cursor.IsAtEnd || cursor.Next == '\n')
            {
                throw cursor.Expected($"a closing {quote}");
            }

            ReadCharacter(cursor, quote, text);
        }

        cursor.Take();
        return text.ToString();
    }

    private static string ReadLines(TomlCursor cursor, string tripled)
    {
        var begun = cursor.Place;
        var text = new StringBuilder();
        while (!cursor.TryTake(tripled))
        {
            if (cursor.IsAtEnd)
            {
                throw TomlCursor.Error(begun, $"expected a closing {tripled} for the string that begins here");
            }

            if (tripled[0] != '"' || cursor.TryTake(LineContinuation()) is null)
            {
                ReadCharacter(cursor, tripled[0], text);
            }
        }

        // Up to two quotes may stand before the closing three.
        for (var i = 0; i < 2 && cursor.TryTake(tripled[..1]); i++)
        {
            text.Append(tripled[0]);
        }

        return text.ToString();
    }

    private static void ReadCharacter(TomlCursor cursor, char quote, StringBuilder text)
    {
        if (quote == '"' && cursor.Next == '\\')
        {
            text.Append(ReadEscape(cursor));
        }
        else
        {
            text.Append(cursor.Take());
        }
    }

    private static string ReadEscape(TomlCursor cursor)
    {
        cursor.Take();
        var name = cursor.IsAtEnd ? '\0' : cursor.Take();
        return name switch
        {
            'b' => "\b",
            't' => "\t",
            'n' => "\n",
            'f' => "\f",
            'r' => "\r",
            'e' => "\e",
            '"' => "\"",
            '\\' => "\\",
            'x' => ReadCodePoint(cursor, TwoDigits(), 2),
            'u' => ReadCodePoint(cursor, FourDigits(), 4),
            'U' => ReadCodePoint(cursor, EightDigits(), 8),
            _ => throw cursor.Error($"\\{name} is no escape; write \\\\ for a backslash, or put the text in '...'"),
        };
    }

    private static string ReadCodePoint(TomlCursor cursor, Regex digits, int count) =>
        cursor.TryTake(digits) is { } text
        && uint.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) is var point
        && Rune.IsValid(point)
            ? new Rune(point).ToString()
            : throw cursor.Expected($"{count} hexadecimal digits of a character");

    /// <summary>A backslash at the end of a line takes away all blanks up to the next text.</summary>
    [GeneratedRegex(@"\G\\[ \t]*\n[ \t\n]*")]
    private static partial Regex LineContinuation();

    [GeneratedRegex(@"\G[0-9A-Fa-f]{2}")]
    private static partial Regex TwoDigits();

    [GeneratedRegex(@"\G[0-9A-Fa-f]{4}")]
    private static partial Regex FourDigits();

    [GeneratedRegex(@"\G[0-9A-Fa-f]{8}")]
    private static partial Regex EightDigits();
}
