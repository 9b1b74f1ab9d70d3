namespace Alidade.Engine.Python;

/// <summary>
/// The blocks that are open. An indentation is measured twice, with tabs as eight blanks and as one: where the two
/// disagree about which line is deeper, nobody can tell what was meant.
/// </summary>
internal sealed class Indentation(SourceText source)
{
    private const int MaxDepth = 100;
    private readonly Stack<(int Width, int Characters)> _open = new([(0, 0)]);

    /// <summary>What begins or ends with a line that is indented so.</summary>
    public IReadOnlyList<TokenKind> Change(int width, int characters, int at)
    {
        var current = _open.Peek();
        if (width > current.Width != characters > current.Characters)
        {
            throw source.Error("tabs and spaces are mixed in the indentation", at);
        }
        if (width > current.Width)
        {
            _open.Push((width, characters));
            return _open.Count - 1 <= MaxDepth
                ? [TokenKind.Indent]
                : throw source.Error($"blocks are nested deeper than {MaxDepth}", at);
        }
        var ends = new List<TokenKind>();
        for (; width < _open.Peek().Width; _open.Pop())
        {
            ends.Add(TokenKind.Dedent);
        }
        return width == _open.Peek().Width
            ? ends
            : throw source.Error("this indentation matches no block around it", at);
    }
}
