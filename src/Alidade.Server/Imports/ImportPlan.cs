using System.Text;
using Alidade.Engine.Graphs;
using Alidade.Engine.Issues;
using Alidade.Server.Entrypoints;
using Alidade.Server.Imports.Config;
using Alidade.Server.Imports.Sources;
using Alidade.Server.Platform.Input;
using Alidade.Storage.Blobs;

namespace Alidade.Server.Imports;

/// <summary>Everything an import will write, read and checked: what is left is one transaction.</summary>
internal sealed record ImportPlan(
    IReadOnlyList<ConfigType> Types,
    IReadOnlyList<PlannedPlugin> Plugins,
    IReadOnlyList<PlannedEntrypoint> Entrypoints,
    IReadOnlyList<string> Warnings
)
{
    /// <summary>Reads what the manifest names; the plugin files' texts are in the blob store then.</summary>
    /// <exception cref="Platform.Errors.RefusedException">A file is missing or not what it should be.</exception>
    public static async Task<ImportPlan> ReadAsync(
        SourceTree tree,
        string configPath,
        IBlobStore blobs,
        CancellationToken cancellation
    )
    {
        var manifest = SourcePath.Of(configPath);
        var config = ImportConfigReader.Read(await tree.ReadAsync(manifest, cancellation), manifest);
        var folder = SourcePath.Folder(manifest);
        var warnings = new List<string>();
        var plugins = new List<PlannedPlugin>();
        foreach (var plugin in config.Plugins)
        {
            plugins.Add(
                await PluginAsync(tree, SourcePath.In(folder, plugin.Path), plugin, blobs, warnings, cancellation)
            );
        }

        var entrypoints = new List<PlannedEntrypoint>();
        foreach (var entrypoint in config.Entrypoints)
        {
            var path = SourcePath.In(folder, entrypoint.Path);
            entrypoints.Add(new(entrypoint, Graphs(path, await tree.ReadAsync(path, cancellation), warnings)));
        }

        return new ImportPlan(config.Types, plugins, entrypoints, warnings);
    }

    private static async Task<PlannedPlugin> PluginAsync(
        SourceTree tree,
        string folder,
        ConfigPlugin plugin,
        IBlobStore blobs,
        List<string> warnings,
        CancellationToken cancellation
    )
    {
        var files = new List<PlannedFile>();
        foreach (var filename in Filenames(tree, folder))
        {
            if (new PythonPathAttribute().Check(filename) is { } broken)
            {
                throw ImportFailure.Because($"Plugin {plugin.Name} in \"{folder}\": {broken}");
            }

            var contents = await tree.ReadAsync(folder.Length == 0 ? filename : $"{folder}/{filename}", cancellation);
            using var bytes = new MemoryStream(Encoding.UTF8.GetBytes(contents));
            files.Add(new(filename, contents, await blobs.PutAsync(bytes, expected: null, cancellation)));
        }

        RequireFiles(plugin, folder, files);
        warnings.AddRange(PythonWarnings.Of(plugin, files));
        if (await LockAsync(tree, folder, plugin, warnings, cancellation) is { } text)
        {
            using var bytes = new MemoryStream(Encoding.UTF8.GetBytes(text));
            files.Add(new(PluginLock.Filename, text, await blobs.PutAsync(bytes, expected: null, cancellation)));
        }

        return new PlannedPlugin(plugin, files);
    }

    /// <summary>Python files below a folder, hidden ones aside; a package's own file after its modules.</summary>
    private static IEnumerable<string> Filenames(SourceTree tree, string folder) =>
        tree.Below(folder)
            .Where(path => path.EndsWith(".py", StringComparison.Ordinal) && path[path.LastIndexOf('/') + 1] != '.')
            .OrderBy(path => path.EndsWith("__init__.py", StringComparison.Ordinal))
            .ThenBy(path => path, StringComparer.Ordinal);

    /// <summary>The plugin's lock; what is none is left out with a warning, since plugins for other servers have such lists.</summary>
    private static async Task<string?> LockAsync(
        SourceTree tree,
        string folder,
        ConfigPlugin plugin,
        List<string> warnings,
        CancellationToken cancellation
    )
    {
        if (!tree.Below(folder).Contains(PluginLock.Filename))
        {
            return null;
        }

        var path = folder.Length == 0 ? PluginLock.Filename : $"{folder}/{PluginLock.Filename}";
        var text = await tree.ReadAsync(path, cancellation);
        if (PluginLock.Unlocked(text) is not { } line)
        {
            return text;
        }

        warnings.Add(PluginLock.NotUsed(plugin.Name, path, line));
        return null;
    }

    private static void RequireFiles(ConfigPlugin plugin, string folder, List<PlannedFile> files)
    {
        if (files.Count == 0)
        {
            throw ImportFailure.Because($"Plugin {plugin.Name} has no Python file: there is none below \"{folder}\".");
        }

        var names = files.Select(file => file.Filename).ToHashSet();
        var task = plugin
            .Functions.Select(task => (task.Filename, task.Name))
            .Concat(plugin.Artifacts.Select(task => (task.Filename, task.Name)))
            .FirstOrDefault(task => !names.Contains(task.Filename));
        if (task.Filename is not null)
        {
            throw ImportFailure.Because(
                $"The task {task.Name} of plugin {plugin.Name} is said to be in \"{task.Filename}\", which is not below "
                    + $"\"{folder}\"."
            );
        }
    }

    private static EntrypointFile Graphs(string path, string yaml, List<string> warnings)
    {
        var (file, issues) = EntrypointFile.Read(yaml, path);
        if (file is null)
        {
            throw ImportFailure.Because(string.Join('\n', issues.Where(i => i.Severity == IssueSeverity.Error)));
        }

        warnings.AddRange(issues.Select(issue => issue.ToString()));
        return Math.Max(file.TaskGraph.Length, file.ArtifactGraph.Length) <= EntrypointInput.LongestGraph
            ? file
            : throw ImportFailure.Because($"The graph in \"{path}\" is too long.");
    }
}

internal sealed record PlannedPlugin(ConfigPlugin Config, IReadOnlyList<PlannedFile> Files);

internal sealed record PlannedFile(string Filename, string Contents, Blob Blob);

internal sealed record PlannedEntrypoint(ConfigEntrypoint Config, EntrypointFile Graphs);
