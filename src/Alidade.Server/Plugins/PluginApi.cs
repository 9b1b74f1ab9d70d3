using Alidade.Server.Drafts;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Tags;
using Alidade.Storage.Platform;

namespace Alidade.Server.Plugins;

/// <summary><c>/plugins</c> and the files below them.</summary>
public static class PluginApi
{
    public static void MapPluginApi(this IEndpointRouteBuilder api)
    {
        api.MapVersioned<PluginService, PluginInput, PluginChange, PluginView>(ResourceKind.Plugin)
            .MapGet("/{id:long}/snapshots/{snapshot:long}/files/bundle", Bundle)
            .WithSummary("Download the files of a snapshot as one archive");
        var files = api.MapGroup("/plugins/{plugin:long}/files").WithTags("plugins");
        files
            .MapGet(
                "/",
                (long plugin, Listing listing, Caller caller, PluginFileService service, CancellationToken c) =>
                    service.ListAsync(caller, plugin, listing, c)
            )
            .WithSummary("List a plugin's files");
        files
            .MapPost(
                "/",
                (
                    long plugin,
                    Input<PluginFileInput> input,
                    Caller caller,
                    PluginFileService service,
                    CancellationToken c
                ) => service.CreateAsync(caller, plugin, input, c)
            )
            .WithSummary("Add a file to a plugin");
        files
            .MapDelete(
                "/",
                (long plugin, Caller caller, PluginFileService service, CancellationToken c) =>
                    service.DeleteAllAsync(caller, plugin, c)
            )
            .WithSummary("Delete all files of a plugin");
        files
            .MapGet(
                "/{id:long}",
                (long plugin, long id, Caller caller, PluginFileService service, CancellationToken c) =>
                    service.GetAsync(caller, plugin, id, c)
            )
            .WithSummary("Get a plugin file");
        files
            .MapPut(
                "/{id:long}",
                (
                    long plugin,
                    long id,
                    Input<PluginFileInput> input,
                    Caller caller,
                    PluginFileService service,
                    CancellationToken c
                ) => service.ModifyAsync(caller, plugin, id, input, c)
            )
            .WithSummary("Change a plugin file: a new snapshot of it and of its plugin");
        files
            .MapDelete(
                "/{id:long}",
                (long plugin, long id, Caller caller, PluginFileService service, CancellationToken c) =>
                    service.DeleteAsync(caller, plugin, id, c)
            )
            .WithSummary("Delete a plugin file");
        files
            .MapGet(
                "/{id:long}/snapshots",
                (
                    long plugin,
                    long id,
                    Listing listing,
                    Caller caller,
                    PluginFileService service,
                    CancellationToken c
                ) => service.SnapshotsAsync(caller, plugin, id, listing, c)
            )
            .WithSummary("List its snapshots");
        files
            .MapGet(
                "/{id:long}/snapshots/{snapshot:long}",
                (long plugin, long id, long snapshot, Caller caller, PluginFileService service, CancellationToken c) =>
                    service.SnapshotAsync(caller, plugin, id, snapshot, c)
            )
            .WithSummary("Get one of its snapshots");
        files.MapTagsOf(ResourceKind.PluginFile);
        files.MapDraftsOf<PluginFileInput, PluginFileInput>(ResourceKind.PluginFile, groupOf: null);
    }

    private static async Task<IResult> Bundle(
        long id,
        long snapshot,
        string? fileType,
        HttpContext http,
        Caller caller,
        Stores stores,
        PluginBundle bundle,
        CancellationToken cancellation
    )
    {
        var plugins = await stores.Core.ReadAsync(
            s =>
            {
                var at = Resources.GetSnapshot(s, ResourceKind.Plugin, caller, id, snapshot);
                return PluginBundle.Read(s, [(at.Id, at.Name!, at.Snapshot)]);
            },
            cancellation
        );
        return bundle.Download(http, "plugins_bundle", fileType, plugins);
    }
}
