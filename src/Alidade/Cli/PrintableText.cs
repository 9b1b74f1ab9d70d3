using Spectre.Console;
using Spectre.Console.Rendering;

namespace Alidade.Cli;

/// <summary>
/// Shows control characters as their codes in whatever a command prints: neither a log nor the name of a file may move the
/// cursor, retitle the terminal or turn the line around for whoever looks at it.
/// </summary>
internal sealed class PrintableText : IRenderHook
{
    private const int LongestTitle = 60;

    public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) =>
        renderables.Select(renderable => new Shown(renderable));

    public static string Of(string text) =>
        text.Any(IsUnsafe) ? string.Concat(text.Select(c => IsUnsafe(c) ? Code(c) : c.ToString())) : text;

    /// <summary>What lists show of a text of many lines: the first one, cut where it is long.</summary>
    public static string Title(string? text)
    {
        var line = (text ?? "").ReplaceLineEndings("\n").Split('\n', 2)[0].Trim();
        return line.EnumerateRunes().Count() <= LongestTitle
            ? line
            : $"{string.Concat(line.EnumerateRunes().Take(LongestTitle - 1)).TrimEnd()}…";
    }

    private static string Code(char c) => c < 0x100 ? $"\\x{(int)c:x2}" : $"\\u{(int)c:x4}";

    /// <summary>Control characters, and what changes the direction of the text after it.</summary>
    private static bool IsUnsafe(char c) =>
        (char.IsControl(c) && c != '\t') || c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    private sealed class Shown(IRenderable inner) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => inner.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
            inner.Render(options, maxWidth).Select(Clean);

        private static Segment Clean(Segment segment) =>
            segment.IsControlCode || segment.IsLineBreak || !segment.Text.Any(IsUnsafe)
                ? segment
                : new Segment(Of(segment.Text), segment.Style);
    }
}
