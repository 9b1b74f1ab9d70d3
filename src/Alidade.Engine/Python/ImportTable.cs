namespace Alidade.Engine.Python;

/// <summary>What names mean by the imports read so far; a later import of a name replaces an earlier one.</summary>
internal sealed class ImportTable
{
    private readonly Dictionary<string, string> _meanings = [];

    /// <summary><c>import a.b</c> binds <c>a</c>; <c>import a.b as c</c> binds <c>c</c> to all of it.</summary>
    public void Import(string module, string? alias)
    {
        var first = module.Split('.')[0];
        _meanings[alias ?? first] = alias is null ? first : module;
    }

    /// <summary><c>from module import name as alias</c></summary>
    public void ImportFrom(string module, string name, string? alias) => _meanings[alias ?? name] = $"{module}.{name}";

    /// <summary>A dotted name with its first part as imported; other names stay as they are.</summary>
    public string Resolve(string dotted)
    {
        var dot = dotted.IndexOf('.', StringComparison.Ordinal);
        var first = dot < 0 ? dotted : dotted[..dot];
        return _meanings.TryGetValue(first, out var meaning) ? meaning + dotted[first.Length..] : dotted;
    }
}
