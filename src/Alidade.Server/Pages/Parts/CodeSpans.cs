using System.Text.RegularExpressions;

namespace Alidade.Server.Pages.Parts;

/// <summary>A piece of a line of code; its style is a class, or null for plain text.</summary>
public readonly record struct CodeSpan(string Text, string? Style);

/// <summary>Lines of YAML or Python cut into what a reader tells apart. It colours, it does not parse.</summary>
public static partial class CodeSpans
{
    public static IEnumerable<IReadOnlyList<CodeSpan>> Lines(string text, string language) =>
        text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').Select(line => Cut(line, language));

    private static List<CodeSpan> Cut(string line, string language)
    {
        var pattern = language switch
        {
            "yaml" => Yaml(),
            "python" => Python(),
            _ => null,
        };
        var spans = new List<CodeSpan>();
        var from = 0;
        foreach (var match in pattern is null ? [] : pattern.Matches(line).Cast<Match>())
        {
            if (match.Index > from)
            {
                spans.Add(new CodeSpan(line[from..match.Index], null));
            }

            spans.Add(new CodeSpan(match.Value, StyleOf(match)));
            from = match.Index + match.Length;
        }

        if (from < line.Length || spans.Count == 0)
        {
            spans.Add(new CodeSpan(line[from..], null));
        }

        return spans;
    }

    private static string StyleOf(Match match) =>
        match.Groups["key"].Success
            ? match.Index == 0
                ? "step-key"
                : "key"
            : match.Groups.Values.First(group => group.Success && group.Name.Length > 1 && group.Name != "key").Name;

    [GeneratedRegex(
        """(?<comment>(?:^|(?<=\s))\#.*$)|(?<key>(?:(?<=^\s*(?:-\s+)*)|(?<=[{,]\s*))[\w.-]+(?=\s*:(?:\s|$)))|(?<ref>\$[\w.]+)|(?<text>"[^"]*"|'[^']*')|(?<number>(?<![\w.])-?\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]))"""
    )]
    private static partial Regex Yaml();

    [GeneratedRegex(
        """(?<comment>\#.*$)|(?<text>"[^"]*"|'[^']*')|(?<ref>@[\w.]+)|(?<keyword>\b(?:and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|None|nonlocal|not|or|pass|raise|return|True|False|try|while|with|yield)\b)|(?<number>\b\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?\b)"""
    )]
    private static partial Regex Python();
}
