using System.Net;

namespace Alidade.Server.Logs;

/// <summary>A tag, comment or declaration in HTML text, read with the tolerance of a browser.</summary>
/// <param name="Name">In lower case; empty for what is no element.</param>
/// <param name="End">Place after it.</param>
internal sealed record HtmlTag(string Name, bool IsEnd, IReadOnlyList<(string Name, string Value)> Attributes, int End)
{
    /// <summary>Null when the <c>&lt;</c> is just a character.</summary>
    public static HtmlTag? TryRead(string text, int at)
    {
        if (at + 1 >= text.Length)
        {
            return null;
        }

        if (text[at + 1] is '!' or '?')
        {
            return Other(text, at);
        }

        var isEnd = text[at + 1] == '/';
        var i = at + (isEnd ? 2 : 1);
        if (i >= text.Length || !char.IsAsciiLetter(text[i]))
        {
            return null;
        }

        var name = While(text, ref i, c => !char.IsWhiteSpace(c) && c is not ('/' or '>')).ToLowerInvariant();
        var attributes = new List<(string, string)>();
        while (i < text.Length && text[i] != '>')
        {
            if (char.IsWhiteSpace(text[i]) || text[i] is '/' or '=')
            {
                i++;
                continue;
            }

            attributes.Add(Attribute(text, ref i));
        }

        return new HtmlTag(name, isEnd, attributes, Math.Min(i + 1, text.Length));
    }

    private static HtmlTag Other(string text, int at)
    {
        var isComment = string.CompareOrdinal(text, at, "<!--", 0, 4) == 0;
        var end = text.IndexOf(isComment ? "-->" : ">", at, StringComparison.Ordinal);
        return new HtmlTag("", false, [], end < 0 ? text.Length : end + (isComment ? 3 : 1));
    }

    private static (string, string) Attribute(string text, ref int i)
    {
        var name = While(text, ref i, c => !char.IsWhiteSpace(c) && c is not ('=' or '>' or '/')).ToLowerInvariant();
        While(text, ref i, char.IsWhiteSpace);
        if (i >= text.Length || text[i] != '=')
        {
            return (name, "");
        }

        i++;
        While(text, ref i, char.IsWhiteSpace);
        if (i < text.Length && text[i] is ('"' or '\''))
        {
            var quote = text[i++];
            var quoted = While(text, ref i, c => c != quote);
            i++;
            return (name, WebUtility.HtmlDecode(quoted));
        }

        return (name, WebUtility.HtmlDecode(While(text, ref i, c => !char.IsWhiteSpace(c) && c != '>')));
    }

    private static string While(string text, ref int i, Func<char, bool> wanted)
    {
        var start = i;
        while (i < text.Length && wanted(text[i]))
        {
            i++;
        }

        return text[start..i];
    }
}
