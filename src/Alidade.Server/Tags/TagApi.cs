using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Tags;

/// <summary><c>/tags</c>, and the tags below every kind of resource.</summary>
public static class TagApi
{
    public static void MapTagApi(this IEndpointRouteBuilder api)
    {
        var tags = api.MapGroup("/tags").WithTags("tags");
        tags.MapGet(
                "/",
                (Listing listing, Caller caller, TagService service, CancellationToken c) =>
                    service.ListAsync(caller, listing, c)
            )
            .WithSummary("List tags");
        tags.MapPost(
                "/",
                (Input<TagInput> input, Caller caller, TagService service, CancellationToken c) =>
                    service.CreateAsync(caller, input, c)
            )
            .WithSummary("Create a tag");
        tags.MapGet(
                "/{id:long}",
                (long id, Caller caller, TagService service, CancellationToken c) => service.GetAsync(caller, id, c)
            )
            .WithSummary("Get a tag");
        tags.MapPut(
                "/{id:long}",
                (long id, Input<TagChange> input, Caller caller, TagService service, CancellationToken c) =>
                    service.RenameAsync(caller, id, input, c)
            )
            .WithSummary("Rename a tag");
        tags.MapDelete(
                "/{id:long}",
                (long id, Caller caller, TagService service, CancellationToken c) => service.DeleteAsync(caller, id, c)
            )
            .WithSummary("Delete a tag");
        tags.MapGet(
                "/{id:long}/resources",
                (
                    long id,
                    string? resourceType,
                    Listing listing,
                    Caller caller,
                    TagService service,
                    CancellationToken c
                ) => service.ResourcesAsync(caller, id, resourceType, listing, c)
            )
            .WithSummary("List what carries a tag");
    }

    /// <summary>The tags of one kind of resource, below its own path.</summary>
    /// <remarks>Files lie below their plugin: there the path has a <c>plugin</c> beside the <c>id</c>.</remarks>
    public static void MapTagsOf(this RouteGroupBuilder routes, ResourceKind kind)
    {
        var tags = routes.MapGroup("/{id:long}/tags");
        tags.MapGet(
                "/",
                (long id, HttpContext http, Caller caller, ResourceTags service, CancellationToken c) =>
                    service.OfAsync(caller, At(id, http), c)
            )
            .WithSummary("List its tags");
        tags.MapPost(
                "/",
                (
                    long id,
                    Input<IdList> input,
                    HttpContext http,
                    Caller caller,
                    ResourceTags service,
                    CancellationToken c
                ) => service.SetAsync(caller, At(id, http), input.Value.Ids, replace: false, c)
            )
            .WithSummary("Add tags to it");
        tags.MapPut(
                "/",
                (
                    long id,
                    Input<IdList> input,
                    HttpContext http,
                    Caller caller,
                    ResourceTags service,
                    CancellationToken c
                ) => service.SetAsync(caller, At(id, http), input.Value.Ids, replace: true, c)
            )
            .WithSummary("Replace its tags");
        tags.MapDelete(
                "/",
                (long id, HttpContext http, Caller caller, ResourceTags service, CancellationToken c) =>
                    service.ClearAsync(caller, At(id, http), c)
            )
            .WithSummary("Remove all its tags");
        tags.MapDelete(
                "/{tag:long}",
                (long id, long tag, HttpContext http, Caller caller, ResourceTags service, CancellationToken c) =>
                    service.RemoveAsync(caller, At(id, http), tag, c)
            )
            .WithSummary("Remove one of its tags");

        Target At(long id, HttpContext http) => new(kind, id, Target.ParentOf(http));
    }
}
