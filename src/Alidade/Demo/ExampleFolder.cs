using System.Reflection;

namespace Alidade.Demo;

/// <summary>An example of the repository, carried inside the executable so that the demo runs wherever that is.</summary>
internal sealed class ExampleFolder(string name)
{
    private static readonly Assembly Assembly = typeof(ExampleFolder).Assembly;

    private readonly string _prefix = $"examples/{name}/";

    public string Read(string path)
    {
        using var stream =
            Assembly.GetManifestResourceStream(_prefix + path)
            ?? throw new FileNotFoundException($"{_prefix}{path} is not part of this build.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Paths of all files below a folder, relative to it.</summary>
    public IReadOnlyList<string> List(string folder, string extension)
    {
        var prefix = $"{_prefix}{folder}/";
        return
        [
            .. Assembly
                .GetManifestResourceNames()
                .Where(file =>
                    file.StartsWith(prefix, StringComparison.Ordinal)
                    && file.EndsWith(extension, StringComparison.Ordinal)
                )
                .Select(file => file[prefix.Length..])
                .Order(StringComparer.Ordinal),
        ];
    }
}
