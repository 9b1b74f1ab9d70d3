using System.Reflection;
using System.Text;

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

    /// <summary>Contents of all files by path.</summary>
    public IReadOnlyDictionary<string, byte[]> ReadAll() =>
        Assembly
            .GetManifestResourceNames()
            .Where(file => file.StartsWith(_prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToDictionary(file => file[_prefix.Length..], file => Encoding.UTF8.GetBytes(Read(file[_prefix.Length..])));
}
