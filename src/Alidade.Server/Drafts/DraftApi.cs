using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Tags;

namespace Alidade.Server.Drafts;

/// <summary>The drafts of one kind of resource, below its own path.</summary>
/// <remarks>Files lie below their plugin: there the path has a <c>plugin</c> beside the <c>id</c>.</remarks>
public static class DraftApi
{
    /// <typeparam name="TInput">The body that creates a resource.</typeparam>
    /// <typeparam name="TChange">The body that changes one.</typeparam>
    /// <param name="groupOf">Where a resource will be; null when that is its parent's group.</param>
    public static void MapDraftsOf<TInput, TChange>(
        this RouteGroupBuilder routes,
        ResourceKind kind,
        Func<TInput, IServiceProvider, long>? groupOf
    )
        where TInput : class
        where TChange : class
    {
        MapNew(routes.MapGroup("/drafts"), kind, groupOf);
        MapExisting<TChange>(routes.MapGroup("/{id:long}/draft"), kind);
    }

    private static void MapNew<TInput>(
        RouteGroupBuilder drafts,
        ResourceKind kind,
        Func<TInput, IServiceProvider, long>? groupOf
    )
        where TInput : class
    {
        drafts
            .MapGet(
                "/",
                (DraftListing listing, HttpContext http, Caller caller, DraftService service, CancellationToken c) =>
                    service.ListAsync(caller, At(http), listing, c)
            )
            .WithSummary("List your drafts");
        drafts
            .MapPost(
                "/",
                (Input<TInput> input, HttpContext http, Caller caller, DraftService service, CancellationToken c) =>
                    service.CreateAsync(
                        caller,
                        At(http),
                        groupOf?.Invoke(input.Value, http.RequestServices),
                        DraftPayload.Of(input.Body),
                        c
                    )
            )
            .WithSummary("Draft a new one");
        drafts
            .MapGet(
                "/{draft:long}",
                (long draft, HttpContext http, Caller caller, DraftService service, CancellationToken c) =>
                    service.GetAsync(caller, At(http), draft, c)
            )
            .WithSummary("Get one of your drafts");
        drafts
            .MapPut(
                "/{draft:long}",
                (
                    long draft,
                    Ungrouped<TInput> input,
                    HttpContext http,
                    Caller caller,
                    DraftService service,
                    CancellationToken c
                ) => service.ReplaceAsync(caller, At(http), draft, DraftPayload.Of(input.Body), c)
            )
            .WithSummary("Change one of your drafts");
        drafts
            .MapDelete(
                "/{draft:long}",
                (long draft, HttpContext http, Caller caller, DraftService service, CancellationToken c) =>
                    service.DeleteAsync(caller, At(http), draft, c)
            )
            .WithSummary("Delete one of your drafts");

        Place At(HttpContext http) => new(kind, Target.ParentOf(http));
    }

    private static void MapExisting<TChange>(RouteGroupBuilder draft, ResourceKind kind)
        where TChange : class
    {
        draft
            .MapGet(
                "/",
                (long id, HttpContext http, Caller caller, DraftService service, CancellationToken c) =>
                    service.OfAsync(caller, At(id, http), c)
            )
            .WithSummary("Get your draft of it");
        draft
            .MapPost(
                "/",
                (
                    long id,
                    Input<TChange> input,
                    HttpContext http,
                    Caller caller,
                    DraftService service,
                    CancellationToken c
                ) => service.StartAsync(caller, At(id, http), DraftPayload.Of(input.Body), c)
            )
            .WithSummary("Draft a change of it");
        draft
            .MapPut(
                "/",
                (
                    long id,
                    Input<DraftChange<TChange>> input,
                    HttpContext http,
                    Caller caller,
                    DraftService service,
                    CancellationToken c
                ) =>
                    service.RebaseAsync(
                        caller,
                        At(id, http),
                        input.Value.ResourceSnapshot,
                        DraftPayload.Of(input.Body.GetProperty("resourceData")),
                        c
                    )
            )
            .WithSummary("Change your draft of it, or base it on a newer snapshot");
        draft
            .MapDelete(
                "/",
                (long id, HttpContext http, Caller caller, DraftService service, CancellationToken c) =>
                    service.DiscardAsync(caller, At(id, http), c)
            )
            .WithSummary("Delete your draft of it");

        Target At(long id, HttpContext http) => new(kind, id, Target.ParentOf(http));
    }
}
