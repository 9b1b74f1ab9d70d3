namespace Alidade.Engine.Search.Filters;

/// <summary>Cuts filters and orders into pieces: names with their dots and quoted parts, values, signs.</summary>
public static class FilterLexer
{
    public static IReadOnlyList<FilterToken> Read(string text)
    {
        var tokens = new List<FilterToken>();
        var at = 0;
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            var end = End(text, at, out var isOpen);
            tokens.Add(new FilterToken(text[at..end], at, isOpen));
            at = end;
        }

        return tokens;
    }

    private static int End(string text, int at, out bool isOpen)
    {
        isOpen = false;
        if (text[at] is '(' or ')' or ',' or ';')
        {
            return at + 1;
        }

        if (IsSign(text[at]))
        {
            return at + 1 < text.Length && IsSign(text[at + 1]) ? at + 2 : at + 1;
        }

        if (text[at] == '\'')
        {
            return Quoted(text, at, out isOpen);
        }

        while (
            at < text.Length
            && !char.IsWhiteSpace(text[at])
            && text[at] is not ('(' or ')' or ',' or ';')
            && !IsSign(text[at])
        )
        {
            at = text[at] is '`' or '"' or '\'' ? Quoted(text, at, out isOpen) : at + 1;
        }

        return at;
    }

    private static int Quoted(string text, int at, out bool isOpen)
    {
        var close = text.IndexOf(text[at], at + 1);
        isOpen = close < 0;
        return isOpen ? text.Length : close + 1;
    }

    private static bool IsSign(char c) => c is '=' or '!' or '<' or '>';
}
