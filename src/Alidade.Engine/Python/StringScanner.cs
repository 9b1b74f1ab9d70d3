using System.Text.RegularExpressions;

namespace Alidade.Engine.Python;

/// <summary>
/// Finds where a string literal ends. In an f-string the expressions in braces may hold strings of their own, with the
/// same quotes since Python 3.12.
/// </summary>
internal sealed partial class StringScanner(SourceText source)
{
    private const int MaxDepth = 100;
    private int _depth;

    /// <summary>The length of the literal that begins here, or null.</summary>
    public int? Match(int start)
    {
        var opening = Opening().Match(source.Text, start);
        if (!opening.Success)
        {
            return null;
        }
        if (++_depth > MaxDepth)
        {
            throw source.Error($"f-strings are nested deeper than {MaxDepth}", start);
        }
        var quotes = opening.Groups["quotes"].Value;
        var hasFields = opening.Groups["prefix"].Value.AsSpan().IndexOfAny("fFtT") >= 0;
        var at = start + opening.Length;
        while (!source.HasAt(at, quotes))
        {
            CheckOpen(at, start, quotes);
            at = source[at] switch
            {
                '\\' => at + 2,
                '{' when hasFields && source[at + 1] == '{' => at + 2,
                '{' when hasFields => Field(at, quotes),
                _ => at + 1,
            };
        }
        _depth--;
        return at + quotes.Length - start;
    }

    private void CheckOpen(int at, int start, string quotes)
    {
        if (at >= source.Text.Length || (source[at] == '\n' && quotes.Length == 1))
        {
            throw source.Error($"this string has no closing {quotes}", start);
        }
    }

    /// <summary>The place after <c>{expression!conversion:format}</c>.</summary>
    private int Field(int start, string quotes)
    {
        var brackets = 0;
        var isFormat = false;
        for (var at = start + 1; ; )
        {
            if (at >= source.Text.Length)
            {
                throw source.Error("this brace of the f-string is never closed", start);
            }
            var character = source[at];
            if (isFormat)
            {
                CheckOpen(at, start, quotes);
            }
            switch (character)
            {
                case '{' when isFormat:
                    at = Field(at, quotes);
                    continue;
                case '}' when brackets == 0:
                    return at + 1;
                case '(' or '[' or '{' when !isFormat:
                    brackets++;
                    break;
                case ')' or ']' or '}' when !isFormat:
                    brackets--;
                    break;
                case ':' when brackets == 0:
                    isFormat = true;
                    break;
                case '"' or '\'' when !isFormat:
                    at += Match(at)!.Value;
                    continue;
            }
            at++;
        }
    }

    [GeneratedRegex(@"\G(?<prefix>(?i:[ruft]|b|br|rb|fr|rf|tr|rt)?)(?<quotes>'''|""""""|'|"")")]
    private static partial Regex Opening();
}
