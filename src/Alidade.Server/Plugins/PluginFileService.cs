using System.Text;
using Alidade.Server.Drafts;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Blobs;
using Alidade.Storage.Platform;

namespace Alidade.Server.Plugins;

/// <summary>The files of a plugin: the text is a blob, stored before the snapshot that names it.</summary>
public sealed class PluginFileService(Stores stores, IBlobStore blobs) : IDraftable
{
    private static readonly ResourceKind Kind = ResourceKind.PluginFile;

    ResourceKind IDraftable.Kind => Kind;

    public Task<PluginFileView> CreateAsync(
        Caller caller,
        long plugin,
        PluginFileInput input,
        CancellationToken cancellation
    ) => WriteAsync(caller, plugin, id: null, input, cancellation);

    public Task<PluginFileView> ModifyAsync(
        Caller caller,
        long plugin,
        long id,
        PluginFileInput input,
        CancellationToken cancellation
    ) => WriteAsync(caller, plugin, id, input, cancellation);

    public Task<Deletion> DeleteAsync(Caller caller, long plugin, long id, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var parent = Resources.GetToChange(t, ResourceKind.Plugin, caller, plugin);
                var current = Resources.GetToChange(t, Kind, caller, id, plugin);
                PluginFiles.Carry(t, parent.Snapshot, Next(t, caller, parent), except: id);
                Resources.Delete(t, Kind, caller, current);
                return Deletion.Of(id);
            },
            cancellation: cancellation
        );

    public Task<Deletion> DeleteAllAsync(Caller caller, long plugin, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var parent = Resources.GetToChange(t, ResourceKind.Plugin, caller, plugin);
                var files = PluginFiles.Of(t, [parent.Snapshot])[parent.Snapshot].Select(f => f.FileId).ToList();
                Next(t, caller, parent);
                foreach (var file in files)
                {
                    Resources.Delete(t, Kind, caller, Resources.Get(t, Kind, caller, file, plugin));
                }

                return Deletion.Of(files);
            },
            cancellation: cancellation
        );

    public async Task<PluginFileView> GetAsync(Caller caller, long plugin, long id, CancellationToken cancellation)
    {
        var at = await stores.Core.ReadAsync(
            s =>
            {
                Resources.Get(s, ResourceKind.Plugin, caller, plugin);
                return DraftStore.Mark(s, caller, [Resources.Get(s, Kind, caller, id, plugin)]);
            },
            cancellation
        );
        return (await ViewsAsync(caller, plugin, at, asSnapshot: false, cancellation))[0];
    }

    public async Task<PluginFileView> SnapshotAsync(
        Caller caller,
        long plugin,
        long id,
        long snapshot,
        CancellationToken cancellation
    )
    {
        var at = await stores.Core.ReadAsync(
            s => Resources.GetSnapshot(s, Kind, caller, id, snapshot, plugin),
            cancellation
        );
        return (await ViewsAsync(caller, plugin, [at], asSnapshot: true, cancellation))[0];
    }

    public async Task<Page<PluginFileView>> ListAsync(
        Caller caller,
        long plugin,
        Listing listing,
        CancellationToken cancellation
    )
    {
        var (rows, total) = await stores.Core.ReadAsync(
            s =>
            {
                Resources.Get(s, ResourceKind.Plugin, caller, plugin);
                var page = ResourceLists.Page(s, Kind, caller, listing, plugin);
                DraftStore.Mark(s, caller, page.Rows);
                return page;
            },
            cancellation
        );
        return Page.Of(
            $"plugins/{plugin}/files",
            listing,
            total,
            await ViewsAsync(caller, plugin, rows, false, cancellation)
        );
    }

    public async Task<Page<PluginFileView>> SnapshotsAsync(
        Caller caller,
        long plugin,
        long id,
        Listing listing,
        CancellationToken cancellation
    )
    {
        var (rows, total) = await stores.Core.ReadAsync(
            s => SnapshotLists.Page(s, Kind, caller, id, listing, plugin),
            cancellation
        );
        var views = await ViewsAsync(caller, plugin, rows, asSnapshot: true, cancellation);
        return Page.Of($"plugins/{plugin}/files/{id}/snapshots", listing, total, views);
    }

    public void RequireChangeable(Versioned current) { }

    async Task<Publish> IDraftable.PrepareAsync(Caller caller, DraftRow draft, CancellationToken cancellation)
    {
        var input = draft.Read<PluginFileInput>();
        var content = await StoreAsync(input, cancellation);
        var plugin = draft.ParentId!.Value;
        return (t, current) => [plugin, Write(t, caller, plugin, current, content, input.Tasks).Id];
    }

    async Task<IReadOnlyList<object>> IDraftable.SnapshotsAsync(
        Caller caller,
        DraftRow draft,
        IReadOnlyList<long> snapshots,
        CancellationToken cancellation
    )
    {
        var (file, plugin) = (draft.ResourceId!.Value, draft.ParentId!.Value);
        var rows = await stores.Core.ReadAsync<IReadOnlyList<Versioned>>(
            s => [.. snapshots.Select(n => Resources.GetSnapshot(s, Kind, caller, file, n, plugin))],
            cancellation
        );
        return await ViewsAsync(caller, plugin, rows, asSnapshot: true, cancellation);
    }

    private async Task<PluginFileView> WriteAsync(
        Caller caller,
        long plugin,
        long? id,
        PluginFileInput input,
        CancellationToken cancellation
    )
    {
        var content = await StoreAsync(input, cancellation);
        var at = await stores.Core.WriteAsync(
            t =>
            {
                Resources.Get(t, ResourceKind.Plugin, caller, plugin);
                var current = id is { } file ? Resources.GetToChange(t, Kind, caller, file, plugin) : null;
                return Write(t, caller, plugin, current, content, input.Tasks);
            },
            cancellation: cancellation
        );
        return (await ViewsAsync(caller, plugin, [at], asSnapshot: false, cancellation))[0];
    }

    /// <summary>Stores the text, which comes before the snapshot that names it.</summary>
    private async Task<Content> StoreAsync(PluginFileInput input, CancellationToken cancellation)
    {
        using var text = new MemoryStream(Encoding.UTF8.GetBytes(input.Contents));
        var blob = await blobs.PutAsync(text, expected: null, cancellation);
        return new StoredFile(input, blob).Content;
    }

    /// <summary>The file's snapshot, its tasks and the plugin's next snapshot.</summary>
    /// <param name="current">The file that is changed; null for a new one.</param>
    private static Versioned Write(
        ITransaction t,
        Caller caller,
        long plugin,
        Versioned? current,
        Content content,
        TasksInput? tasks
    )
    {
        var parent = Resources.GetToChange(t, ResourceKind.Plugin, caller, plugin);
        var next = Next(t, caller, parent);
        if (current is not null)
        {
            Resources.Revise(t, Kind, caller, current, content);
        }

        var id = current?.Id ?? Resources.Create(t, Kind, caller, parent.GroupId, content, plugin).Id;
        var file = Resources.Get(t, Kind, caller, id, plugin);
        PluginFiles.Carry(t, parent.Snapshot, next, except: id);
        PluginFiles.Add(t, next, id, file.Snapshot);
        PluginTasks.Store(t, caller, file.Snapshot, tasks ?? new TasksInput());
        return file;
    }

    private static long Next(ITransaction t, Caller caller, Versioned plugin) =>
        Resources.Revise(t, ResourceKind.Plugin, caller, plugin, new Content(plugin.Name, plugin.Description, new { }));

    private async Task<IReadOnlyList<PluginFileView>> ViewsAsync(
        Caller caller,
        long plugin,
        IReadOnlyList<Versioned> rows,
        bool asSnapshot,
        CancellationToken cancellation
    )
    {
        var (tasks, owner) = await stores.Core.ReadAsync(
            s =>
                (
                    PluginTasks.Load(s, [.. rows.Select(r => r.Snapshot)]),
                    Resources.Get(s, ResourceKind.Plugin, caller, plugin)
                ),
            cancellation
        );
        var reference = ResourceRef.Of(ResourceKind.Plugin, owner);
        var views = new List<PluginFileView>(rows.Count);
        foreach (var row in rows)
        {
            var contents = await ReadAsync(row.Read<FilePayload>(), cancellation);
            views.Add(new PluginFileView(row, asSnapshot, contents, tasks[row.Snapshot], reference));
        }

        return views;
    }

    private async Task<string> ReadAsync(FilePayload file, CancellationToken cancellation)
    {
        await using var content =
            await blobs.OpenAsync(file.Sha256, cancellation)
            ?? throw new InvalidDataException($"The blob {file.Sha256} of a plugin file is missing from the store.");
        using var reader = new StreamReader(content, Encoding.UTF8);
        return await reader.ReadToEndAsync(cancellation);
    }
}
