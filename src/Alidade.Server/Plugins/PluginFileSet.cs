using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Blobs;
using Alidade.Storage.Platform;

namespace Alidade.Server.Plugins;

/// <summary>Many files of one plugin, put there as one snapshot of it.</summary>
internal static class PluginFileSet
{
    private static readonly ResourceKind Kind = ResourceKind.PluginFile;

    /// <summary>Whether the plugin has all of these files as they are here.</summary>
    public static bool Holds(ISession s, Caller caller, Versioned plugin, IReadOnlyList<StoredFile> files)
    {
        var known = Known(s, plugin);
        return files.All(file =>
            known.TryGetValue(file.Input.Filename, out var id)
            && Says(s, Resources.Get(s, Kind, caller, id, plugin.Id), file)
        );
    }

    /// <summary>Adds the files to the newest snapshot of a plugin, in the transaction that has made it.</summary>
    /// <param name="plugin">With that snapshot. Files it carries stay, and are replaced by those of the same name.</param>
    public static void Put(ITransaction t, Caller caller, Versioned plugin, IReadOnlyList<StoredFile> files)
    {
        var known = Known(t, plugin);
        foreach (var file in files)
        {
            if (!known.TryGetValue(file.Input.Filename, out var id))
            {
                (id, _) = Resources.Create(t, Kind, caller, plugin.GroupId, file.Content, plugin.Id);
                Attach(t, caller, plugin, id, file);
            }
            else if (Resources.GetToChange(t, Kind, caller, id, plugin.Id) is var current && !Says(t, current, file))
            {
                PluginFiles.Remove(t, plugin.Snapshot, id);
                Resources.Revise(t, Kind, caller, current, Described(file, current));
                Attach(t, caller, plugin, id, file);
            }
        }
    }

    private static void Attach(ITransaction t, Caller caller, Versioned plugin, long id, StoredFile file)
    {
        var snapshot = Resources.Get(t, Kind, caller, id, plugin.Id).Snapshot;
        PluginFiles.Add(t, plugin.Snapshot, id, snapshot);
        PluginTasks.Store(t, caller, snapshot, file.Tasks);
    }

    private static bool Says(ISession s, Versioned current, StoredFile file) =>
        Resources.Says(s, current, Described(file, current)) && PluginTasks.Says(s, current.Snapshot, file.Tasks);

    /// <summary>What people wrote about a file stays when its text comes anew.</summary>
    private static Content Described(StoredFile file, Versioned current) =>
        file.Content with
        {
            Description = file.Input.Description ?? current.Description,
        };

    private static Dictionary<string, long> Known(ISession s, Versioned plugin) =>
        PluginFiles.Of(s, [plugin.Snapshot])[plugin.Snapshot].ToDictionary(f => f.Filename, f => f.FileId);
}

/// <summary>A file whose text is in the blob store.</summary>
internal sealed record StoredFile(PluginFileInput Input, Blob Blob)
{
    public TasksInput Tasks => Input.Tasks ?? new TasksInput();

    public Content Content =>
        new(Input.Filename, Input.Description, new FilePayload(Blob.Sha256, Blob.Size), [("contents", Input.Contents)]);
}
