using Alidade.Server.Platform;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Plugins;
using Alidade.Storage.Platform;

namespace Alidade.Server.Entrypoints;

/// <summary>Which plugin snapshots an entrypoint's snapshot runs. They stay what they are until someone synchronises.</summary>
public static class EntrypointPins
{
    public const string Plugin = "plugin";
    public const string Artifact = "artifact";

    /// <summary>Pins plugins at their newest snapshots, in the place of what was pinned of them before.</summary>
    public static void Pin(ITransaction t, long entrypointSnapshot, string role, IReadOnlyList<Versioned> plugins)
    {
        var position = t.Scalar<long>(
            "SELECT COALESCE(MAX(position), 0) FROM entrypoint_pin WHERE entrypoint_snapshot = @entrypointSnapshot AND role = @role",
            new { entrypointSnapshot, role }
        );
        foreach (var plugin in plugins)
        {
            t.Execute(
                "INSERT INTO entrypoint_pin (entrypoint_snapshot, role, position, plugin_id, plugin_snapshot) "
                    + "VALUES (@entrypointSnapshot, @role, @Position, @Id, @Snapshot) "
                    + "ON CONFLICT (entrypoint_snapshot, role, plugin_id) DO UPDATE SET plugin_snapshot = excluded.plugin_snapshot",
                new
                {
                    entrypointSnapshot,
                    role,
                    Position = ++position,
                    plugin.Id,
                    plugin.Snapshot,
                }
            );
        }
    }

    /// <summary>Whether a snapshot pins these plugins as they are, and no others.</summary>
    public static bool HasOnly(ISession s, long entrypointSnapshot, string role, IReadOnlyList<Versioned> plugins) =>
        s.Query<long>(
                "SELECT plugin_snapshot FROM entrypoint_pin WHERE entrypoint_snapshot = @entrypointSnapshot AND role = @role",
                new { entrypointSnapshot, role }
            )
            .ToHashSet()
            .SetEquals(plugins.Select(plugin => plugin.Snapshot));

    /// <summary>Gives a new snapshot the pins of the one before it.</summary>
    public static void Carry(ITransaction t, long from, long to) =>
        t.Execute(
            "INSERT INTO entrypoint_pin (entrypoint_snapshot, role, position, plugin_id, plugin_snapshot) "
                + "SELECT @to, role, position, plugin_id, plugin_snapshot FROM entrypoint_pin WHERE entrypoint_snapshot = @from",
            new { to, from }
        );

    /// <returns>Whether it was pinned.</returns>
    public static bool Unpin(ITransaction t, long entrypointSnapshot, string role, long plugin) =>
        t.Execute(
            "DELETE FROM entrypoint_pin WHERE entrypoint_snapshot = @entrypointSnapshot AND role = @role AND plugin_id = @plugin",
            new
            {
                entrypointSnapshot,
                role,
                plugin,
            }
        ) > 0;

    /// <summary>Unpins all plugins but these.</summary>
    public static void Keep(ITransaction t, long entrypointSnapshot, string role, IReadOnlyList<long> plugins) =>
        t.Execute(
            "DELETE FROM entrypoint_pin WHERE entrypoint_snapshot = @entrypointSnapshot AND role = @role AND NOT (plugin_id = ANY(@Ids))",
            new
            {
                entrypointSnapshot,
                role,
                Ids = plugins.ToArray(),
            }
        );

    /// <summary>The pinned plugins of many entrypoint snapshots with their files and tasks, by snapshot and role.</summary>
    public static ILookup<(long Snapshot, string Role), EntrypointPlugin> Load(
        ISession s,
        IReadOnlyList<long> entrypointSnapshots
    )
    {
        var pins = s.Query<PinRow>(
            "SELECT p.entrypoint_snapshot, p.role, p.plugin_id, p.plugin_snapshot, n.name, r.head FROM entrypoint_pin p "
                + "JOIN resource r ON r.id = p.plugin_id JOIN snapshot n ON n.id = p.plugin_snapshot "
                + "WHERE p.entrypoint_snapshot = ANY(@Ids) ORDER BY p.entrypoint_snapshot, p.role, p.position",
            new { Ids = entrypointSnapshots.ToArray() }
        );
        var views = Views(s, pins);
        return pins.ToLookup(p => (p.EntrypointSnapshot, p.Role), p => views[p.PluginSnapshot]);
    }

    /// <summary>Plugins at the snapshots an entrypoint would pin, in the order asked.</summary>
    public static IReadOnlyList<EntrypointPlugin> At(ISession s, Caller caller, IReadOnlyList<long> pluginSnapshots)
    {
        var pins = s.Query<PinRow>(
            "SELECT r.id AS plugin_id, n.id AS plugin_snapshot, n.name, r.head FROM snapshot n "
                + "JOIN resource r ON r.id = n.resource_id WHERE n.id = ANY(@Ids) AND r.kind = @Kind AND r.group_id = ANY(@Visible)",
            new
            {
                Ids = pluginSnapshots.ToArray(),
                Kind = ResourceKind.Plugin.Name,
                caller.Visible,
            }
        );
        var views = Views(s, pins);
        return
        [
            .. pluginSnapshots.Select(id =>
                views.GetValueOrDefault(id)
                ?? throw new NotFoundException("plugin_snapshot", ("plugin_snapshot_id", id))
            ),
        ];
    }

    private static Dictionary<long, EntrypointPlugin> Views(ISession s, IReadOnlyList<PinRow> pins)
    {
        var files = PluginFiles.Of(s, [.. pins.Select(p => p.PluginSnapshot).Distinct()]);
        var tasks = PluginTasks.Load(s, [.. files.SelectMany(f => f).Select(f => f.FileSnapshot)]);
        return pins.DistinctBy(p => p.PluginSnapshot).ToDictionary(p => p.PluginSnapshot, View);

        EntrypointPlugin View(PinRow pin) =>
            new(
                pin.PluginId,
                pin.Name,
                pin.PluginSnapshot,
                pin.Head == pin.PluginSnapshot,
                $"{Wire.Root}/plugins/{pin.PluginId}/snapshots/{pin.PluginSnapshot}",
                [
                    .. files[pin.PluginSnapshot]
                        .Select(f => new EntrypointPluginFile(
                            f.FileId,
                            f.Filename,
                            f.FileSnapshot,
                            $"{Wire.Root}/plugins/{pin.PluginId}/files/{f.FileId}/snapshots/{f.FileSnapshot}",
                            tasks[f.FileSnapshot]
                        )),
                ]
            );
    }

    private sealed record PinRow
    {
        public long EntrypointSnapshot { get; init; }
        public string Role { get; init; } = "";
        public long PluginId { get; init; }
        public long PluginSnapshot { get; init; }
        public string Name { get; init; } = "";
        public long Head { get; init; }
    }
}
