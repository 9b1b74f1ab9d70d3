using System.Net;
using System.Text;

namespace Alidade.Server.Logs;

/// <summary>
/// Lets through the HTML that Dioptra lets through in log records: plain formatting from a short list. Everything else
/// loses its tags, and scripts and styles their contents. What comes out is rebuilt, never copied, so nothing slips by.
/// </summary>
public static class HtmlCleaner
{
    private static readonly HashSet<string> Allowed = new(
        (
            "a abbr acronym area article aside b bdi bdo blockquote br caption center cite code col colgroup data dd del "
            + "details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd li map mark "
            + "nav ol p pre q rp rt rtc ruby s samp small span strike strong sub summary sup table tbody td th thead time tr "
            + "tt u ul var wbr"
        ).Split(' '),
        StringComparer.Ordinal
    );

    private static readonly HashSet<string> Void = ["area", "br", "col", "hr", "img", "wbr"];
    private static readonly HashSet<string> DropContents = ["script", "style"];

    private static readonly HashSet<(string Tag, string Name)> Attributes =
    [
        ("a", "href"),
        ("a", "hreflang"),
        ("bdo", "dir"),
        ("blockquote", "cite"),
        ("col", "align"),
        ("col", "span"),
        ("colgroup", "align"),
        ("colgroup", "span"),
        ("del", "cite"),
        ("del", "datetime"),
        ("hr", "align"),
        ("hr", "size"),
        ("hr", "width"),
        ("img", "align"),
        ("img", "alt"),
        ("img", "height"),
        ("img", "src"),
        ("img", "width"),
        ("ins", "cite"),
        ("ins", "datetime"),
        ("ol", "start"),
        ("q", "cite"),
        ("table", "align"),
        ("table", "summary"),
        ("td", "align"),
        ("td", "colspan"),
        ("td", "rowspan"),
        ("th", "align"),
        ("th", "colspan"),
        ("th", "rowspan"),
        ("th", "scope"),
    ];

    private static readonly HashSet<string> AddressAttributes = ["href", "src", "cite"];
    private static readonly string[] Schemes = ["http:", "https:", "mailto:", "ftp:", "tel:"];

    public static string Clean(string text)
    {
        if (text.AsSpan().IndexOfAny('<', '&', '>') < 0)
        {
            return text;
        }

        var output = new StringBuilder(text.Length);
        var open = new Stack<string>();
        var at = 0;
        while (at < text.Length)
        {
            at =
                text[at] == '<' && HtmlTag.TryRead(text, at) is { } tag
                    ? Take(tag, text, output, open)
                    : TakeText(text, at, output);
        }

        while (open.TryPop(out var name))
        {
            output.Append("</").Append(name).Append('>');
        }

        return output.ToString();
    }

    private static int Take(HtmlTag tag, string text, StringBuilder output, Stack<string> open)
    {
        if (DropContents.Contains(tag.Name) && !tag.IsEnd)
        {
            var end = text.IndexOf("</" + tag.Name, tag.End, StringComparison.OrdinalIgnoreCase);
            var close = end < 0 ? -1 : text.IndexOf('>', end);
            return close < 0 ? text.Length : close + 1;
        }

        if (!Allowed.Contains(tag.Name))
        {
            return tag.End;
        }

        if (tag.IsEnd)
        {
            CloseTo(tag.Name, output, open);
        }
        else
        {
            Open(tag, output, open);
        }

        return tag.End;
    }

    private static void Open(HtmlTag tag, StringBuilder output, Stack<string> open)
    {
        output.Append('<').Append(tag.Name);
        foreach (var (name, value) in tag.Attributes.DistinctBy(a => a.Name))
        {
            if (Attributes.Contains((tag.Name, name)) && (!AddressAttributes.Contains(name) || IsSafe(value)))
            {
                output.Append(' ').Append(name).Append("=\"").Append(Escape(value, quoted: true)).Append('"');
            }
        }

        output.Append(tag.Name == "a" ? " rel=\"noopener noreferrer\">" : ">");
        if (!Void.Contains(tag.Name))
        {
            open.Push(tag.Name);
        }
    }

    private static void CloseTo(string name, StringBuilder output, Stack<string> open)
    {
        if (!open.Contains(name))
        {
            return;
        }

        string closed;
        do
        {
            closed = open.Pop();
            output.Append("</").Append(closed).Append('>');
        } while (closed != name);
    }

    private static int TakeText(string text, int at, StringBuilder output)
    {
        var next = text.IndexOf('<', at + 1);
        var end = next < 0 ? text.Length : next;
        output.Append(Escape(WebUtility.HtmlDecode(text[at..end]), quoted: false));
        return end;
    }

    /// <summary>Relative, or of a scheme that runs nothing; control characters cannot hide one that does.</summary>
    private static bool IsSafe(string address)
    {
        var plain = string.Concat(address.Where(c => !char.IsControl(c) && !char.IsWhiteSpace(c))).ToLowerInvariant();
        var colon = plain.IndexOf(':', StringComparison.Ordinal);
        var path = plain.AsSpan().IndexOfAny('/', '?', '#');
        return colon < 0
            || (path >= 0 && path < colon)
            || Schemes.Any(s => plain.StartsWith(s, StringComparison.Ordinal));
    }

    private static string Escape(string text, bool quoted)
    {
        var escaped = text.Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal)
            .Replace("\u00a0", "&nbsp;", StringComparison.Ordinal);
        return quoted ? escaped.Replace("\"", "&quot;", StringComparison.Ordinal) : escaped;
    }
}
