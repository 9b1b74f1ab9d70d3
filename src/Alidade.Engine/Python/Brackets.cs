namespace Alidade.Engine.Python;

/// <summary>The brackets that are open; while there are any, lines are joined.</summary>
internal sealed class Brackets(SourceText source)
{
    private const int MaxDepth = 100;
    private readonly Stack<(char Bracket, int At)> _open = [];

    public bool AreClosed => _open.Count == 0;

    public void Open(char bracket, int at)
    {
        _open.Push((bracket, at));
        if (_open.Count > MaxDepth)
        {
            throw source.Error($"brackets are nested deeper than {MaxDepth}", at);
        }
    }

    public void Close(char bracket, int at)
    {
        if (!_open.TryPop(out var opened))
        {
            throw source.Error($"\"{bracket}\" closes nothing", at);
        }
        if ((opened.Bracket, bracket) is not (('(', ')') or ('[', ']') or ('{', '}')))
        {
            var line = source.LineOf(opened.At);
            throw source.Error($"\"{bracket}\" does not close the \"{opened.Bracket}\" of line {line}", at);
        }
    }

    public void RequireClosed()
    {
        if (_open.TryPeek(out var opened))
        {
            throw source.Error($"\"{opened.Bracket}\" is never closed", opened.At);
        }
    }
}
