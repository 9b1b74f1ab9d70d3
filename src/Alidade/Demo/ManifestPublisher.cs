using System.Text.Json.Nodes;
using Alidade.Client;
using Alidade.Functions;

namespace Alidade.Demo;

/// <summary>Makes the server's resources equal to a manifest, through the public API; what is equal is left alone.</summary>
internal sealed class ManifestPublisher(AlidadeClient client, long group, ExampleFolder folder)
{
    /// <returns>Entrypoint ids by name.</returns>
    public async Task<Dictionary<string, long>> PublishAsync(
        Manifest manifest,
        long queue,
        CancellationToken cancellation
    )
    {
        var types = await PublishTypesAsync(manifest.PluginParamTypes, cancellation);
        var plugins = new Dictionary<string, long>();
        foreach (var plugin in manifest.Plugins)
        {
            plugins[plugin.Name] = await PublishPluginAsync(plugin, types, cancellation);
        }

        var entrypoints = new Dictionary<string, long>();
        foreach (var entrypoint in manifest.Entrypoints)
        {
            entrypoints[entrypoint.Name] = await PublishEntrypointAsync(
                entrypoint,
                types,
                plugins,
                queue,
                cancellation
            );
        }

        return entrypoints;
    }

    private async Task<Dictionary<string, long>> PublishTypesAsync(
        IReadOnlyList<ManifestType> types,
        CancellationToken cancellation
    )
    {
        var ids = await ParameterTypeIds.ReadAsync(client, cancellation);
        foreach (var type in types)
        {
            var content = new ParameterTypeContent(type.Name, type.Description, type.Structure);
            if (!ids.TryGetValue(type.Name, out var id))
            {
                ids[type.Name] = (await client.ParameterTypes.CreateAsync(content, group, cancellation)).Id;
            }
            else if (
                !JsonNode.DeepEquals((await client.ParameterTypes.GetAsync(id, cancellation)).Structure, type.Structure)
            )
            {
                await client.ParameterTypes.ModifyAsync(id, content, cancellation);
            }
        }

        return ids;
    }

    private async Task<long> PublishPluginAsync(
        ManifestPlugin manifest,
        Dictionary<string, long> types,
        CancellationToken cancellation
    )
    {
        var plugin =
            await client.Plugins.FindAsync(manifest.Name, cancellation)
            ?? await client.Plugins.CreateAsync(
                new PluginContent(manifest.Name, manifest.Description),
                group,
                cancellation
            );
        foreach (var filename in folder.List(manifest.Path, ".py"))
        {
            var content = new PluginFileContent(
                filename,
                folder.Read($"{manifest.Path}/{filename}"),
                TasksOf(manifest.Tasks, filename, types)
            );
            if (plugin.Files.FirstOrDefault(file => file.Filename == filename) is not { } known)
            {
                await client.Plugins.CreateFileAsync(plugin.Id, content, cancellation);
            }
            else if (!PluginFiles.Same(await client.Plugins.GetFileAsync(plugin.Id, known.Id, cancellation), content))
            {
                await client.Plugins.ModifyFileAsync(plugin.Id, known.Id, content, cancellation);
            }
        }

        return plugin.Id;
    }

    private static PluginTasksContent TasksOf(ManifestTasks tasks, string filename, Dictionary<string, long> types) =>
        new(
            [
                .. tasks
                    .Functions.Where(task => task.Filename == filename)
                    .Select(task => new FunctionTaskContent(
                        task.Name,
                        [.. task.InputParams.Select(p => new TaskInputContent(p.Name, types[p.Type], p.Required))],
                        Outputs(task.OutputParams, types)
                    )),
            ],
            [
                .. tasks
                    .Artifacts.Where(task => task.Filename == filename)
                    .Select(task => new ArtifactTaskContent(task.Name, Outputs(task.OutputParams, types))),
            ]
        );

    private async Task<long> PublishEntrypointAsync(
        ManifestEntrypoint manifest,
        Dictionary<string, long> types,
        Dictionary<string, long> plugins,
        long queue,
        CancellationToken cancellation
    )
    {
        var graph = GraphFile.Read(folder.Read(manifest.Path));
        var known = await client.Entrypoints.FindAsync(manifest.Name, cancellation);
        var queues = known?.Queues.Select(linked => linked.Id).ToList() ?? [];
        var content = new EntrypointContent(
            manifest.Name,
            manifest.Description,
            graph.TaskGraph,
            graph.ArtifactGraph,
            [.. (manifest.Params ?? []).Select(parameter => parameter.Entrypoint)],
            [
                .. (manifest.ArtifactParams ?? []).Select(parameter => new ArtifactParameterContent(
                    parameter.Name,
                    Outputs(parameter.OutputParams, types)
                )),
            ],
            queues.Contains(queue) ? queues : [.. queues, queue],
            [.. (manifest.Plugins ?? []).Select(name => plugins[name])],
            [.. (manifest.ArtifactPlugins ?? []).Select(name => plugins[name])]
        );
        if (known is null)
        {
            return (await client.Entrypoints.CreateAsync(content, group, cancellation)).Id;
        }

        if (!Current(known.Plugins, content.Plugins))
        {
            await client.Entrypoints.SyncPluginsAsync(known.Id, content.Plugins, cancellation);
        }

        if (!Current(known.ArtifactPlugins, content.ArtifactPlugins))
        {
            await client.Entrypoints.SyncArtifactPluginsAsync(known.Id, content.ArtifactPlugins, cancellation);
        }

        if (!Same(known, content))
        {
            await client.Entrypoints.ModifyAsync(known.Id, content, cancellation);
        }

        return known.Id;
    }

    private static List<TaskOutputContent> Outputs(
        IReadOnlyList<ManifestOutput> outputs,
        Dictionary<string, long> types
    ) => [.. outputs.Select(output => new TaskOutputContent(output.Name, types[output.Type]))];

    private static bool Current(IReadOnlyList<PinnedPlugin> pinned, IReadOnlyList<long> wanted) =>
        wanted.All(id => pinned.Any(pin => pin.Id == id && pin.LatestSnapshot));

    private static bool Same(Entrypoint known, EntrypointContent content) =>
        known.Description == content.Description
        && known.TaskGraph == content.TaskGraph
        && (known.ArtifactGraph ?? "") == content.ArtifactGraph
        && known.Parameters.SequenceEqual(content.Parameters)
        && known.ArtifactParameters.Select(p => p.Name).SequenceEqual(content.ArtifactParameters.Select(p => p.Name))
        && known.Queues.Select(queue => queue.Id).SequenceEqual(content.Queues);
}
