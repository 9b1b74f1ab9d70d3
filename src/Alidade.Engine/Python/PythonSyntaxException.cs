namespace Alidade.Engine.Python;

/// <summary>The source is not Python.</summary>
/// <param name="line">From 1.</param>
/// <param name="column">From 1, in characters.</param>
/// <param name="text">The line itself.</param>
public sealed class PythonSyntaxException(string reason, int line, int column, string text)
    : Exception($"Line {line}, column {column}: {reason}")
{
    public string Reason { get; } = reason;

    public int Line { get; } = line;

    public int Column { get; } = column;

    public string Text { get; } = text;
}
