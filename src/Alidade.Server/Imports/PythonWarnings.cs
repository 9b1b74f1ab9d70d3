using Alidade.Engine.Python;
using Alidade.Server.Imports.Config;

namespace Alidade.Server.Imports;

/// <summary>What reading a plugin's files tells about its tasks; nothing of them is executed.</summary>
internal static class PythonWarnings
{
    public static IEnumerable<string> Of(ConfigPlugin plugin, IReadOnlyList<PlannedFile> files) =>
        files.SelectMany(file => Of(plugin, file));

    private static IEnumerable<string> Of(ConfigPlugin plugin, PlannedFile file)
    {
        try
        {
            var words = SignatureReader.Outline(file.Contents).Words;
            // What a file imports with a star is known only where it runs.
            return words.Contains("import") && file.Contents.Contains("import *", StringComparison.Ordinal)
                ? []
                : Tasks(plugin, file.Filename).Where(name => !words.Contains(name)).Select(name => Missing(name));
        }
        catch (PythonSyntaxException e)
        {
            return [$"{file.Filename} of plugin {plugin.Name} is not Python. {e.Message}: {e.Text.Trim()}"];
        }

        string Missing(string name) =>
            $"The task {name} of plugin {plugin.Name} is said to be in {file.Filename}, where nothing has this name.";
    }

    private static IEnumerable<string> Tasks(ConfigPlugin plugin, string filename) =>
        plugin
            .Functions.Where(task => task.Filename == filename)
            .Select(task => task.Name)
            .Concat(plugin.Artifacts.Where(task => task.Filename == filename).Select(task => task.Name));
}
