namespace Alidade.Engine.Yaml;

/// <summary>
/// What a document may cost. A short text can stand for a huge one, by aliases of aliases, so size after expansion is
/// counted while the parser's events pass by, before anything is built from them.
/// </summary>
public static class YamlLimits
{
    /// <summary>Of the text, in UTF-8.</summary>
    public const int Bytes = 1024 * 1024;

    public const int Depth = 32;

    public const int Aliases = 100;

    /// <summary>Scalars, sequences and mappings, an alias counted as all it stands for.</summary>
    public const int Nodes = 100_000;
}
