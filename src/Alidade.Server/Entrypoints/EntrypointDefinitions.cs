using System.Text.Json;
using Alidade.Engine.Graphs;
using Alidade.Server.ParameterTypes;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Plugins;
using TypeWords = Alidade.Engine.Values.ParameterTypes;

namespace Alidade.Server.Entrypoints;

/// <summary>An entrypoint's snapshot as the engine reads it, with the tasks and types of everything it pins.</summary>
public static class EntrypointDefinitions
{
    /// <param name="at">A snapshot of an entrypoint.</param>
    public static EntrypointDefinition Load(ISession s, Versioned at)
    {
        var pins = EntrypointPins.Load(s, [at.Snapshot]);
        return Of(
            s,
            at.GroupId,
            at.Read<EntrypointPayload>(),
            [.. pins[(at.Snapshot, EntrypointPins.Plugin)]],
            [.. pins[(at.Snapshot, EntrypointPins.Artifact)]]
        );
    }

    /// <summary>The same for what is not saved yet.</summary>
    public static EntrypointDefinition Of(
        ISession s,
        long group,
        EntrypointPayload payload,
        IReadOnlyList<EntrypointPlugin> plugins,
        IReadOnlyList<EntrypointPlugin> artifactPlugins
    )
    {
        var typeSnapshots = payload.ArtifactParameters.SelectMany(p => p.Outputs).Select(o => o.TypeSnapshot).ToList();
        var named = TypeNames(s, typeSnapshots);
        return new EntrypointDefinition(
            payload.TaskGraph,
            payload.ArtifactGraph,
            [.. payload.Parameters.Select(Parameter)],
            [
                .. payload.ArtifactParameters.Select(p => new ArtifactParameter(
                    p.Name,
                    [.. p.Outputs.Select(o => new TaskOutput(o.Name, named[o.TypeSnapshot]))]
                )),
            ],
            [
                .. Files(plugins)
                    .SelectMany(f => f.File.Tasks.Functions.Select(t => Function(f.Plugin, f.File.Filename, t))),
            ],
            [
                .. Files(artifactPlugins)
                    .SelectMany(f => f.File.Tasks.Artifacts.Select(t => Artifact(f.Plugin, f.File.Filename, t))),
            ],
            Types(s, group)
        );
    }

    private static IEnumerable<(string Plugin, EntrypointPluginFile File)> Files(
        IEnumerable<EntrypointPlugin> plugins
    ) => plugins.SelectMany(p => p.Files.Select(f => (p.Name, f)));

    private static EntrypointParameter Parameter(ParameterView parameter)
    {
        TypeWords.TryParse(parameter.ParameterType, out var type);
        return new EntrypointParameter(parameter.Name, type, parameter.DefaultValue);
    }

    private static TaskSignature Function(string plugin, string file, FunctionTaskView task) =>
        new(
            plugin,
            file,
            task.Name,
            [.. task.InputParams.Select(p => new TaskInput(p.Name, p.ParameterType.Name, p.Required))],
            Outputs(task.OutputParams)
        );

    private static ArtifactTaskSignature Artifact(string plugin, string file, ArtifactTaskView task) =>
        new(plugin, file, task.Name, Outputs(task.OutputParams));

    private static IReadOnlyList<TaskOutput> Outputs(IReadOnlyList<OutputParameterView> outputs) =>
        [.. outputs.Select(o => new TaskOutput(o.Name, o.ParameterType.Name))];

    private static Dictionary<long, string> TypeNames(ISession s, IReadOnlyList<long> snapshots) =>
        s.Query<RefRow>("SELECT id, name FROM snapshot WHERE id = ANY(@Ids)", new { Ids = snapshots.ToArray() })
            .ToDictionary(r => r.Id, r => r.Name);

    /// <summary>All types of the group: one type may refer to another, so every name must be known.</summary>
    public static IReadOnlyList<NamedType> Types(ISession s, long group) =>
        [
            .. s.Query<Versioned>(
                    Resources.Newest
                        + $"WHERE r.kind = '{ResourceKind.ParameterType.Name}' AND r.group_id = @group AND r.deleted IS NULL "
                        + "ORDER BY r.id",
                    new { group }
                )
                .Where(t => !BuiltInTypes.Contains(t.Name!))
                .Select(t => new NamedType(t.Name!, Structure(t))),
        ];

    private static string? Structure(Versioned type) =>
        type.Read<TypePayload>().Structure is { ValueKind: not JsonValueKind.Null } structure
            ? structure.GetRawText()
            : null;
}
