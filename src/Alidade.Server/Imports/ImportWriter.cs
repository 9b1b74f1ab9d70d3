using Alidade.Engine.Types;
using Alidade.Server.Entrypoints;
using Alidade.Server.Imports.Config;
using Alidade.Server.ParameterTypes;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Plugins;
using Alidade.Storage.Platform;

namespace Alidade.Server.Imports;

/// <summary>Writes a plan in one transaction: all of it or nothing.</summary>
public sealed class ImportWriter(ParameterTypeService types, PluginService plugins, EntrypointService entrypoints)
{
    /// <returns>What is there now, and what an update has taken away.</returns>
    internal (ImportedResources Resources, IReadOnlyList<string> Dropped) Write(
        ITransaction t,
        Caller caller,
        long group,
        ConflictStrategy strategy,
        ImportPlan plan
    )
    {
        var target = new Target(t, caller, group, strategy);
        var typeIds = new Dictionary<string, long>();
        foreach (var type in InOrder(plan.Types))
        {
            typeIds.Add(type.Name, Write(target, type));
        }

        var allTypes = BuiltInTypes.Ids(t);
        foreach (var (name, id) in typeIds)
        {
            allTypes[name] = id;
        }

        var pluginIds = new Dictionary<string, long>();
        foreach (var plugin in plan.Plugins)
        {
            pluginIds.Add(plugin.Config.Name, Write(target, plugin, allTypes));
        }

        var entrypointIds = new Dictionary<string, long>();
        foreach (var entrypoint in plan.Entrypoints)
        {
            entrypointIds.Add(entrypoint.Config.Name, Write(target, entrypoint, allTypes, pluginIds));
        }

        return (new ImportedResources(pluginIds, typeIds, entrypointIds), target.Dropped);
    }

    /// <summary>Each type after those it is built from, which must be there when it is written.</summary>
    private static List<ConfigType> InOrder(IReadOnlyList<ConfigType> types)
    {
        var (ordered, seen) = (new List<ConfigType>(), new HashSet<ConfigType>());
        foreach (var type in types)
        {
            Visit(type);
        }

        return ordered;

        void Visit(ConfigType type)
        {
            if (!seen.Add(type))
            {
                return;
            }

            var needed = type.Structure is { } structure ? TypeStructure.Names(structure.GetRawText()) : [];
            foreach (var other in types.Where(other => needed.Contains(other.Name)))
            {
                Visit(other);
            }

            ordered.Add(type);
        }
    }

    private long Write(Target target, ConfigType type)
    {
        var (t, caller, group, _) = target;
        var change = new ParameterTypeChange(type.Name, type.Description, type.Structure);
        if (target.Existing(types, type.Name) is not { } current)
        {
            return types.Create(t, caller, new(group, type.Name, type.Description, type.Structure));
        }

        if (!types.Says(t, caller, current, change))
        {
            types.Modify(t, caller, current, change);
        }

        return current.Id;
    }

    private long Write(Target target, PlannedPlugin plan, Dictionary<string, long> typeIds)
    {
        var (t, caller, group, _) = target;
        var (name, description) = (plan.Config.Name, plan.Config.Description);
        var files = plan.Files.Select(file => Stored(plan.Config, file, typeIds)).ToList();
        long id;
        if (target.Existing(plugins, name) is not { } current)
        {
            id = plugins.Create(t, caller, new PluginInput(group, name, description));
        }
        else
        {
            id = current.Id;
            var change = new PluginChange(name, description);
            var isStale = PluginLock.IsStale(t, current, files);
            if (!isStale && plugins.Says(t, caller, current, change) && PluginFileSet.Holds(t, caller, current, files))
            {
                return id;
            }

            plugins.Modify(t, caller, current, change);
            if (isStale)
            {
                PluginLock.Drop(t, caller, Resources.GetToChange(t, ResourceKind.Plugin, caller, id));
                target.Dropped.Add(PluginLock.Gone(name));
            }
        }

        PluginFileSet.Put(t, caller, Resources.GetToChange(t, ResourceKind.Plugin, caller, id), files);
        return id;
    }

    private long Write(
        Target target,
        PlannedEntrypoint plan,
        Dictionary<string, long> typeIds,
        Dictionary<string, long> pluginIds
    )
    {
        var (t, caller, group, _) = target;
        var input = Input(group, plan, typeIds, pluginIds);
        if (target.Existing(entrypoints, input.Name) is not { } current)
        {
            return entrypoints.Create(t, caller, input);
        }

        var queues = Links.QueuesOfEntrypoint.Of(t, [current.Id])[current.Id].Select(queue => queue.Id).ToList();
        entrypoints.Synchronise(t, caller, current, input with { Queues = queues });
        return current.Id;
    }

    private static EntrypointInput Input(
        long group,
        PlannedEntrypoint plan,
        Dictionary<string, long> typeIds,
        Dictionary<string, long> pluginIds
    )
    {
        var config = plan.Config;
        return new EntrypointInput(
            group,
            config.Name,
            plan.Graphs.TaskGraph,
            config.Description,
            plan.Graphs.ArtifactGraph,
            [.. config.Parameters.Select(p => new ParameterInput(p.Name, p.Type, p.Default))],
            [.. config.ArtifactParameters.Select(p => new ArtifactParameterInput(p.Name, Outputs(p.Outputs, typeIds)))],
            [],
            [.. config.Plugins.Select(name => pluginIds[name])],
            [.. config.ArtifactPlugins.Select(name => pluginIds[name])]
        );
    }

    private static StoredFile Stored(ConfigPlugin plugin, PlannedFile file, Dictionary<string, long> typeIds) =>
        new(
            new PluginFileInput(
                file.Filename,
                file.Contents,
                new TasksInput(
                    [
                        .. plugin
                            .Functions.Where(task => task.Filename == file.Filename)
                            .Select(task => new FunctionTaskInput(
                                task.Name,
                                [
                                    .. task.Inputs.Select(p => new TaskInputParameter(
                                        p.Name,
                                        typeIds[p.Type],
                                        p.Required
                                    )),
                                ],
                                Outputs(task.Outputs, typeIds)
                            )),
                    ],
                    [
                        .. plugin
                            .Artifacts.Where(task => task.Filename == file.Filename)
                            .Select(task => new ArtifactTaskInput(task.Name, Outputs(task.Outputs, typeIds))),
                    ]
                )
            ),
            file.Blob
        );

    private static IReadOnlyList<TaskOutputParameter> Outputs(
        IReadOnlyList<ConfigOutput> outputs,
        Dictionary<string, long> typeIds
    ) => [.. outputs.Select(p => new TaskOutputParameter(p.Name, typeIds[p.Type]))];

    /// <summary>Where the plan goes, and what is done about what is there.</summary>
    private sealed record Target(ITransaction Transaction, Caller Caller, long Group, ConflictStrategy Strategy)
    {
        public List<string> Dropped { get; } = [];

        /// <summary>
        /// What has the name and is to be updated. Null when one is to be created: there is none, or it has just been
        /// deleted, or its creation is to be refused.
        /// </summary>
        public Versioned? Existing<TInput, TChange, TView>(
            VersionedService<TInput, TChange, TView> service,
            string name
        )
            where TInput : class
            where TChange : class
            where TView : ResourceView
        {
            if (
                Strategy == ConflictStrategy.Fail
                || Resources.Named(Transaction, service.Kind, Group, name) is not { } id
            )
            {
                return null;
            }

            var current = Resources.GetToChange(Transaction, service.Kind, Caller, id);
            if (Strategy == ConflictStrategy.Update)
            {
                return current;
            }

            service.Delete(Transaction, Caller, current);
            return null;
        }
    }
}
