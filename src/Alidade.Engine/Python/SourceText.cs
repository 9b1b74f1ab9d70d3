namespace Alidade.Engine.Python;

/// <summary>Source with its lines, to say where something stands.</summary>
internal sealed class SourceText
{
    private readonly List<int> _lineStarts = [0];

    public SourceText(string source)
    {
        Text = source.TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        for (var at = Text.IndexOf('\n', StringComparison.Ordinal); at >= 0; at = Text.IndexOf('\n', at + 1))
        {
            _lineStarts.Add(at + 1);
        }
    }

    public string Text { get; }

    /// <summary>The character at a place; <c>'\0'</c> beyond the end.</summary>
    public char this[int at] => at < Text.Length ? Text[at] : '\0';

    public bool HasAt(int at, string text) => at < Text.Length && Text.AsSpan(at).StartsWith(text);

    /// <summary>The line of a place, from 1.</summary>
    public int LineOf(int at)
    {
        var line = _lineStarts.BinarySearch(at);
        return line >= 0 ? line + 1 : ~line;
    }

    public PythonSyntaxException Error(string reason, int at)
    {
        var place = Math.Min(at, Text.Length);
        var line = LineOf(place);
        var start = _lineStarts[line - 1];
        var end = line < _lineStarts.Count ? _lineStarts[line] - 1 : Text.Length;
        return new PythonSyntaxException(reason, line, place - start + 1, Text[start..end]);
    }
}
