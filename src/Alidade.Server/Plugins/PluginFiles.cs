using System.Text.Json;
using Alidade.Storage.Platform;

namespace Alidade.Server.Plugins;

/// <summary>Which file snapshots make up a plugin snapshot.</summary>
public static class PluginFiles
{
    /// <summary>The files of many plugin snapshots, in the order of their ids.</summary>
    public static ILookup<long, FileRow> Of(ISession s, IReadOnlyList<long> pluginSnapshots) =>
        s.Query<FileRow>(
                "SELECT f.plugin_snapshot, f.file_id, f.file_snapshot, s.name AS filename, s.payload, r.group_id, g.name AS group_name "
                    + "FROM plugin_snapshot_file f JOIN snapshot s ON s.id = f.file_snapshot JOIN resource r ON r.id = f.file_id "
                    + "JOIN user_group g ON g.id = r.group_id WHERE f.plugin_snapshot = ANY(@Ids) ORDER BY f.file_id",
                new { Ids = pluginSnapshots.ToArray() }
            )
            .ToLookup(f => f.PluginSnapshot);

    /// <summary>Gives a new plugin snapshot the files of the one before it, all but one.</summary>
    public static void Carry(ITransaction t, long from, long to, long except = 0) =>
        t.Execute(
            "INSERT INTO plugin_snapshot_file (plugin_snapshot, file_id, file_snapshot) "
                + "SELECT @to, file_id, file_snapshot FROM plugin_snapshot_file WHERE plugin_snapshot = @from AND file_id <> @except",
            new
            {
                to,
                from,
                except,
            }
        );

    public static void Add(ITransaction t, long pluginSnapshot, long file, long fileSnapshot) =>
        t.Execute(
            "INSERT INTO plugin_snapshot_file (plugin_snapshot, file_id, file_snapshot) VALUES (@pluginSnapshot, @file, @fileSnapshot)",
            new
            {
                pluginSnapshot,
                file,
                fileSnapshot,
            }
        );

    public static void Remove(ITransaction t, long pluginSnapshot, long file) =>
        t.Execute(
            "DELETE FROM plugin_snapshot_file WHERE plugin_snapshot = @pluginSnapshot AND file_id = @file",
            new { pluginSnapshot, file }
        );
}

/// <summary>A file in a plugin snapshot.</summary>
public sealed record FileRow
{
    public long PluginSnapshot { get; init; }
    public long FileId { get; init; }
    public long FileSnapshot { get; init; }
    public string Filename { get; init; } = "";
    public string Payload { get; init; } = "{}";
    public long GroupId { get; init; }
    public string GroupName { get; init; } = "";

    public FilePayload Blob => JsonSerializer.Deserialize<FilePayload>(Payload, JsonSerializerOptions.Web)!;
}
