using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Tags;

namespace Alidade.Server.Plugins;

/// <summary><c>/plugins</c> and the files below them.</summary>
public static class PluginApi
{
    public static void MapPluginApi(this IEndpointRouteBuilder api)
    {
        api.MapVersioned<PluginService, PluginInput, PluginChange, PluginView>(ResourceKind.Plugin);
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
    }
}
