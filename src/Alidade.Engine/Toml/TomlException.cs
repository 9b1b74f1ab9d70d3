namespace Alidade.Engine.Toml;

/// <summary>A text is not TOML; the message names the line.</summary>
public sealed class TomlException(int line, int column, string reason) : Exception($"line {line}: {reason}")
{
    /// <summary>From 1.</summary>
    public int Line { get; } = line;

    /// <summary>From 1.</summary>
    public int Column { get; } = column;
}
