using Alidade.Server.Platform;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Plugins;

/// <summary>Versioned packages of code files. A change of one file is a new snapshot of its plugin.</summary>
public sealed class PluginService(Stores stores)
    : VersionedService<PluginInput, PluginChange, PluginView>(stores, ResourceKind.Plugin)
{
    protected override Content ContentOf(
        ISession s,
        Caller caller,
        long group,
        PluginChange input,
        Versioned? current
    ) => new(input.Name, input.Description, new { });

    protected override IReadOnlyList<PluginView> Views(
        ISession s,
        Caller caller,
        IReadOnlyList<Versioned> rows,
        bool asSnapshot
    )
    {
        var files = PluginFiles.Of(s, [.. rows.Select(r => r.Snapshot)]);
        var tasks = PluginTasks.Load(s, [.. files.SelectMany(f => f).Select(f => f.FileSnapshot)]);
        return [.. rows.Select(r => new PluginView(r, asSnapshot, [.. files[r.Snapshot].Select(f => Ref(r, f))]))];

        PluginFileRef Ref(Versioned plugin, FileRow file) =>
            new(
                file.FileId,
                GroupRef.Of(file.GroupId, file.GroupName),
                $"{Wire.Root}/plugins/{plugin.Id}/files/{file.FileId}",
                file.Filename,
                tasks[file.FileSnapshot]
            );
    }

    protected override void AfterChange(
        ITransaction t,
        Caller caller,
        Versioned before,
        Versioned after,
        PluginChange change
    ) => PluginFiles.Carry(t, before.Snapshot, after.Snapshot);

    protected override void BeforeDelete(ITransaction t, Caller caller, Versioned current)
    {
        foreach (var file in PluginFiles.Of(t, [current.Snapshot])[current.Snapshot])
        {
            Resources.Delete(
                t,
                ResourceKind.PluginFile,
                caller,
                Resources.Get(t, ResourceKind.PluginFile, caller, file.FileId)
            );
        }
    }

    protected override PluginChange ChangeOf(PluginInput input) => new(input.Name, input.Description);

    protected internal override long GroupOf(PluginInput input) => input.Group;
}
