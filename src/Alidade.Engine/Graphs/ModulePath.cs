namespace Alidade.Engine.Graphs;

/// <summary>The name under which a plugin file is imported.</summary>
public static class ModulePath
{
    private const string Extension = ".py";
    private const string Initial = "__init__";

    /// <summary><c>a/b.py</c> of plugin <c>p</c> is <c>p.a.b</c>; <c>__init__.py</c> adds nothing.</summary>
    public static string Of(string plugin, string file)
    {
        var path = file.EndsWith(Extension, StringComparison.Ordinal) ? file[..^Extension.Length] : file;
        var parts = path.Split('/').ToList();
        if (parts[^1] == Initial)
        {
            parts.RemoveAt(parts.Count - 1);
        }
        return string.Join('.', parts.Prepend(plugin));
    }
}
