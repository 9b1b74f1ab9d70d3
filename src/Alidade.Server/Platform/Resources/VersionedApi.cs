using Alidade.Server.Drafts;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;
using Alidade.Server.Tags;

namespace Alidade.Server.Platform.Resources;

/// <summary>The routes that every kind of versioned resource has.</summary>
public static class VersionedApi
{
    /// <returns>The group of routes, for what only this kind has.</returns>
    public static RouteGroupBuilder MapVersioned<TService, TInput, TChange, TView>(
        this IEndpointRouteBuilder api,
        ResourceKind kind
    )
        where TService : VersionedService<TInput, TChange, TView>
        where TInput : class
        where TChange : class
        where TView : ResourceView
    {
        var routes = api.MapGroup("/" + kind.Collection).WithTags(kind.Collection);
        routes
            .MapGet(
                "/",
                (Listing listing, Caller caller, TService service, CancellationToken c) =>
                    service.ListAsync(caller, listing, c)
            )
            .WithSummary($"List {kind.Collection}");
        routes
            .MapPost(
                "/",
                (Input<TInput> input, Caller caller, TService service, CancellationToken c) =>
                    service.CreateAsync(caller, input, c)
            )
            .WithSummary($"Create one of {kind.Collection}");
        routes
            .MapGet(
                "/{id:long}",
                (long id, Caller caller, TService service, CancellationToken c) => service.GetAsync(caller, id, c)
            )
            .WithSummary($"Get one of {kind.Collection}");
        routes
            .MapPut(
                "/{id:long}",
                (long id, Input<TChange> input, Caller caller, TService service, CancellationToken c) =>
                    service.ModifyAsync(caller, id, input, c)
            )
            .WithSummary($"Change one of {kind.Collection}: a new snapshot");
        routes
            .MapDelete(
                "/{id:long}",
                (long id, Caller caller, TService service, CancellationToken c) => service.DeleteAsync(caller, id, c)
            )
            .WithSummary($"Delete one of {kind.Collection}");
        routes
            .MapGet(
                "/{id:long}/snapshots",
                (long id, Listing listing, Caller caller, TService service, CancellationToken c) =>
                    service.SnapshotsAsync(caller, id, listing, c)
            )
            .WithSummary("List its snapshots");
        routes
            .MapGet(
                "/{id:long}/snapshots/{snapshot:long}",
                (long id, long snapshot, Caller caller, TService service, CancellationToken c) =>
                    service.SnapshotAsync(caller, id, snapshot, c)
            )
            .WithSummary("Get one of its snapshots");
        routes.MapTagsOf(kind);
        routes.MapDraftsOf<TInput, TChange>(
            kind,
            (input, services) => services.GetRequiredService<TService>().GroupOf(input)
        );
        return routes;
    }
}
