using Alidade.Engine.Values;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Plugins;
using Alidade.Storage.Platform;
using TypeWords = Alidade.Engine.Values.ParameterTypes;

namespace Alidade.Server.Entrypoints;

/// <summary>Runnable definitions: parameters, a typed graph of task steps, pinned plugins, queues.</summary>
public sealed class EntrypointService(Stores stores)
    : VersionedService<EntrypointInput, EntrypointChange, EntrypointView>(stores, ResourceKind.Entrypoint)
{
    public Task<IReadOnlyList<EntrypointPlugin>> PluginsAsync(
        Caller caller,
        long id,
        string role,
        CancellationToken cancellation
    ) => Stores.Core.ReadAsync(s => Plugins(s, Resources.Get(s, Kind, caller, id).Snapshot, role), cancellation);

    public Task<IReadOnlyList<EntrypointPlugin>> PluginsAtAsync(
        Caller caller,
        long id,
        long snapshot,
        string role,
        CancellationToken cancellation
    ) =>
        Stores.Core.ReadAsync(
            s => Plugins(s, Resources.GetSnapshot(s, Kind, caller, id, snapshot).Snapshot, role),
            cancellation
        );

    public async Task<EntrypointPlugin> PluginAsync(
        Caller caller,
        long id,
        string role,
        long plugin,
        CancellationToken cancellation
    ) =>
        (await PluginsAsync(caller, id, role, cancellation)).FirstOrDefault(p => p.Id == plugin)
        ?? throw ResourceKind.Plugin.NotFound(plugin);

    /// <summary>Adds plugins, or moves those already there to their newest snapshots: a new snapshot of the entrypoint.</summary>
    public Task<IReadOnlyList<EntrypointPlugin>> PinAsync(
        Caller caller,
        long id,
        string role,
        IReadOnlyList<long> plugins,
        CancellationToken cancellation
    ) =>
        Stores.Core.WriteAsync(
            t =>
            {
                var current = Resources.GetToChange(t, Kind, caller, id);
                var from = caller.ReferringFrom(current.GroupId);
                var newest = Resources.GetMany(t, ResourceKind.Plugin, from, plugins);
                var snapshot = Repeat(t, caller, current);
                EntrypointPins.Pin(t, snapshot, role, newest);
                return Plugins(t, snapshot, role);
            },
            cancellation: cancellation
        );

    public Task<Deletion> UnpinAsync(
        Caller caller,
        long id,
        string role,
        long plugin,
        CancellationToken cancellation
    ) =>
        Stores.Core.WriteAsync(
            t =>
            {
                var snapshot = Repeat(t, caller, Resources.GetToChange(t, Kind, caller, id));
                return EntrypointPins.Unpin(t, snapshot, role, plugin)
                    ? Deletion.Of(plugin)
                    : throw ResourceKind.Plugin.NotFound(plugin);
            },
            cancellation: cancellation
        );

    /// <summary>
    /// Makes one equal to an input, with the input's plugins, and no others, at their newest snapshots: a new snapshot,
    /// unless it is so already.
    /// </summary>
    internal void Synchronise(ITransaction t, Caller caller, Versioned current, EntrypointInput input)
    {
        var from = caller.ReferringFrom(current.GroupId);
        var plugins = Resources.GetMany(t, ResourceKind.Plugin, from, input.Plugins ?? []);
        var artifactPlugins = Resources.GetMany(t, ResourceKind.Plugin, from, input.ArtifactPlugins ?? []);
        var change = ChangeOf(input);
        if (
            Says(t, caller, current, change)
            && EntrypointPins.HasOnly(t, current.Snapshot, EntrypointPins.Plugin, plugins)
            && EntrypointPins.HasOnly(t, current.Snapshot, EntrypointPins.Artifact, artifactPlugins)
        )
        {
            return;
        }

        Modify(t, caller, current, change);
        var snapshot = Resources.Get(t, Kind, caller, current.Id).Snapshot;
        PinOnly(EntrypointPins.Plugin, plugins);
        PinOnly(EntrypointPins.Artifact, artifactPlugins);

        void PinOnly(string role, IReadOnlyList<Versioned> pins)
        {
            EntrypointPins.Keep(t, snapshot, role, [.. pins.Select(plugin => plugin.Id)]);
            EntrypointPins.Pin(t, snapshot, role, pins);
        }
    }

    protected override Content ContentOf(
        ISession s,
        Caller caller,
        long group,
        EntrypointChange input,
        Versioned? current
    )
    {
        if (current is null)
        {
            // A taken name is told before any fault of the parameters, as clients of Dioptra expect.
            Resources.RequireFreeName(s, Kind, group, input.Name, parent: null, self: null);
        }

        RequireDefaultsOfType(input.Parameters ?? []);
        var known = current?.Read<EntrypointPayload>();
        var payload = PayloadOf(s, caller, input) with
        {
            DataFolders = OrNull(input.DataFolders ?? known?.DataFolders),
            Secrets = OrNull(input.Secrets ?? known?.Secrets),
        };
        return ContentOf(input.Name, input.Description, payload);
    }

    private static IReadOnlyList<string>? OrNull(IReadOnlyList<string>? names) =>
        names is { Count: > 0 } ? names : null;

    /// <summary>What a snapshot of this would hold, its types pinned at their newest snapshots.</summary>
    internal static EntrypointPayload PayloadOf(ISession s, Caller caller, EntrypointChange input)
    {
        var parameters = input.Parameters ?? [];
        var artifactParameters = input.ArtifactParameters ?? [];
        RequireDistinct("parameters", parameters.Select(p => p.Name));
        RequireDistinct("artifactParameters", artifactParameters.Select(p => p.Name));
        var types = Resources
            .GetMany(
                s,
                ResourceKind.ParameterType,
                caller,
                [.. artifactParameters.SelectMany(p => p.OutputParams).Select(o => o.ParameterType).Distinct()]
            )
            .ToDictionary(t => t.Id, t => t.Snapshot);
        return new EntrypointPayload(
            input.TaskGraph,
            input.ArtifactGraph ?? "",
            [.. parameters.Select(p => new ParameterView(p.Name, p.DefaultValue, p.ParameterType))],
            [
                .. artifactParameters.Select(p => new StoredArtifactParameter(
                    p.Name,
                    [.. p.OutputParams.Select(o => new StoredOutput(o.Name, o.ParameterType, types[o.ParameterType]))]
                )),
            ]
        );
    }

    protected override IReadOnlyList<EntrypointView> Views(
        ISession s,
        Caller caller,
        IReadOnlyList<Versioned> rows,
        bool asSnapshot
    )
    {
        var pins = EntrypointPins.Load(s, [.. rows.Select(r => r.Snapshot)]);
        var queues = Links.QueuesOfEntrypoint.Of(s, rows.Select(r => r.Id));
        var types = TypeRefs(s, rows);
        return
        [
            .. rows.Select(r => new EntrypointView(
                r,
                asSnapshot,
                ArtifactParameters(r, types),
                [.. pins[(r.Snapshot, EntrypointPins.Plugin)]],
                [.. pins[(r.Snapshot, EntrypointPins.Artifact)]],
                [.. queues[r.Id]]
            )),
        ];
    }

    protected override void AfterCreate(ITransaction t, Caller caller, Versioned created, EntrypointInput input)
    {
        Pin(EntrypointPins.Plugin, input.Plugins);
        Pin(EntrypointPins.Artifact, input.ArtifactPlugins);
        Links.QueuesOfEntrypoint.Add(t, caller, created.Id, input.Queues ?? []);

        void Pin(string role, IReadOnlyList<long>? plugins) =>
            EntrypointPins.Pin(
                t,
                created.Snapshot,
                role,
                Resources.GetMany(t, ResourceKind.Plugin, caller, plugins ?? [])
            );
    }

    protected override void AfterChange(
        ITransaction t,
        Caller caller,
        Versioned before,
        Versioned after,
        EntrypointChange change
    )
    {
        EntrypointPins.Carry(t, before.Snapshot, after.Snapshot);
        if (change.ArtifactPlugins is { } wanted)
        {
            EntrypointPins.Keep(t, after.Snapshot, EntrypointPins.Artifact, wanted);
            var pinned = Plugins(t, after.Snapshot, EntrypointPins.Artifact).Select(p => p.Id);
            var added = Resources.GetMany(t, ResourceKind.Plugin, caller, [.. wanted.Except(pinned)]);
            EntrypointPins.Pin(t, after.Snapshot, EntrypointPins.Artifact, added);
        }

        Links.QueuesOfEntrypoint.Replace(t, caller, after.Id, change.Queues ?? []);
    }

    protected override EntrypointChange ChangeOf(EntrypointInput input) =>
        new(
            input.Name,
            input.TaskGraph,
            input.Description,
            input.ArtifactGraph,
            input.Parameters,
            input.ArtifactParameters,
            input.Queues,
            input.ArtifactPlugins,
            input.DataFolders,
            input.Secrets
        );

    protected internal override long GroupOf(EntrypointInput input) => input.Group;

    private static Content ContentOf(string name, string? description, EntrypointPayload payload) =>
        new(name, description, payload, [("task_graph", payload.TaskGraph), ("artifact_graph", payload.ArtifactGraph)]);

    /// <summary>A snapshot that says the same as the last and carries its pins, ready for one of them to change.</summary>
    private long Repeat(ITransaction t, Caller caller, Versioned current)
    {
        var content = ContentOf(current.Name!, current.Description, current.Read<EntrypointPayload>());
        var snapshot = Resources.Revise(t, Kind, caller, current, content);
        EntrypointPins.Carry(t, current.Snapshot, snapshot);
        return snapshot;
    }

    private static IReadOnlyList<EntrypointPlugin> Plugins(ISession s, long snapshot, string role) =>
        [.. EntrypointPins.Load(s, [snapshot])[(snapshot, role)]];

    private static void RequireDistinct(string field, IEnumerable<string> names)
    {
        var repeated = names.GroupBy(n => n).FirstOrDefault(g => g.Count() > 1);
        if (repeated is not null)
        {
            throw new RefusedException(
                "QueryParameterNotUniqueError",
                $"The name {repeated.Key} stands more than once in {field}. Give each a name of its own."
            );
        }
    }

    private static void RequireDefaultsOfType(IReadOnlyList<ParameterInput> parameters)
    {
        var wrong = parameters.Select(Mismatch).OfType<string>().ToList();
        if (wrong.Count > 0)
        {
            throw new RefusedException("EntrypointParameterTypeMismatchError", $"Change {string.Join("; ", wrong)}.");
        }
    }

    private static string? Mismatch(ParameterInput parameter)
    {
        if (parameter.DefaultValue is not { } text || !TypeWords.TryParse(parameter.ParameterType, out var type))
        {
            return null;
        }

        return ParameterText.TryParse(type, text, out _, out var reason)
            ? null
            : $"the default of {parameter.Name} ({text}), which is not of its type {parameter.ParameterType}: {reason}";
    }

    private static Dictionary<long, ResourceRef> TypeRefs(ISession s, IReadOnlyList<Versioned> rows)
    {
        var snapshots = rows.SelectMany(r => r.Read<EntrypointPayload>().ArtifactParameters)
            .SelectMany(p => p.Outputs)
            .Select(o => o.TypeSnapshot)
            .Distinct()
            .ToArray();
        return snapshots.Length == 0
            ? []
            : s.Query<RefRow>(
                    "SELECT n.id AS parent, r.id, n.name, r.group_id, g.name AS group_name FROM snapshot n "
                        + "JOIN resource r ON r.id = n.resource_id JOIN user_group g ON g.id = r.group_id WHERE n.id = ANY(@snapshots)",
                    new { snapshots }
                )
                .ToDictionary(r => r.Parent, r => ResourceRef.Of(ResourceKind.ParameterType, r));
    }

    private static IReadOnlyList<ArtifactParameterView> ArtifactParameters(
        Versioned row,
        Dictionary<long, ResourceRef> types
    ) =>
        [
            .. row.Read<EntrypointPayload>()
                .ArtifactParameters.Select(p => new ArtifactParameterView(
                    p.Name,
                    [.. p.Outputs.Select(o => new OutputParameterView(o.Name, types[o.TypeSnapshot]))]
                )),
        ];
}
