namespace Alidade.Engine.Tests;

/// <summary>Files that lie beside the tests and are copied to their output.</summary>
internal static class TestFiles
{
    public static string Read(string path) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, path));
}
