using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;
using Alidade.Server.Tags;

namespace Alidade.Server.Artifacts;

/// <summary><c>/artifacts</c>.</summary>
public static class ArtifactApi
{
    private static readonly string[] GetOrHead = [HttpMethods.Get, HttpMethods.Head];

    public static void MapArtifactApi(this IEndpointRouteBuilder api)
    {
        var routes = api.MapGroup("/artifacts").WithTags("artifacts");
        routes
            .MapGet(
                "/",
                (Listing listing, string? outputParams, Caller caller, ArtifactService service, CancellationToken c) =>
                    service.ListAsync(caller, listing, Ids(outputParams), c)
            )
            .WithSummary("List artifacts");
        routes
            .MapPost(
                "/",
                (Input<ArtifactInput> input, Caller caller, ArtifactService service, CancellationToken c) =>
                    service.CreateAsync(caller, input, c)
            )
            .WithSummary("Register files of a run as an artifact")
            .Needs(Access.Track)
            .OpensToAttempts();
        routes
            .MapGet(
                "/{id:long}",
                (long id, Caller caller, ArtifactService service, CancellationToken c) =>
                    service.GetAsync(caller, id, c)
            )
            .WithSummary("Get an artifact");
        routes
            .MapPut(
                "/{id:long}",
                (long id, Input<ArtifactChange> input, Caller caller, ArtifactService service, CancellationToken c) =>
                    service.ModifyAsync(caller, id, input, c)
            )
            .WithSummary("Describe an artifact anew");
        routes
            .MapDelete(
                "/{id:long}",
                (long id, Caller caller, ArtifactService service, CancellationToken c) =>
                    service.DeleteAsync(caller, id, c)
            )
            .WithSummary("Put an artifact into the trash");
        routes
            .MapGet(
                "/{id:long}/snapshots",
                (long id, Listing listing, Caller caller, ArtifactService service, CancellationToken c) =>
                    service.SnapshotsAsync(caller, id, listing, c)
            )
            .WithSummary("List its snapshots");
        routes
            .MapGet(
                "/{id:long}/snapshots/{snapshot:long}",
                (long id, long snapshot, Caller caller, ArtifactService service, CancellationToken c) =>
                    service.SnapshotAsync(caller, id, snapshot, c)
            )
            .WithSummary("Get one of its snapshots");
        routes
            .MapGet(
                "/{id:long}/files",
                (long id, Caller caller, ArtifactContents contents, CancellationToken c) =>
                    contents.FilesAsync(caller, id, c)
            )
            .WithSummary("List its files");
        routes
            .MapMethods(
                "/{id:long}/contents",
                GetOrHead,
                (
                    long id,
                    string? path,
                    string? fileType,
                    HttpContext http,
                    Caller caller,
                    ArtifactContents contents,
                    CancellationToken c
                ) => contents.OpenAsync(http, caller, id, null, path, fileType, c)
            )
            .WithSummary("Its bytes: a file, or a folder as an archive");
        routes
            .MapMethods(
                "/{id:long}/snapshots/{snapshot:long}/contents",
                GetOrHead,
                (
                    long id,
                    long snapshot,
                    string? path,
                    string? fileType,
                    HttpContext http,
                    Caller caller,
                    ArtifactContents contents,
                    CancellationToken c
                ) => contents.OpenAsync(http, caller, id, snapshot, path, fileType, c)
            )
            .WithSummary("The bytes of one of its snapshots");
        routes.MapTagsOf(ArtifactKind.Kind);
    }

    private static List<long>? Ids(string? text) =>
        string.IsNullOrEmpty(text) ? null : [.. text.Split(',').Select(t => Scalars.ParseInteger(t) ?? throw NotIds())];

    private static InvalidInputException NotIds() => new("outputParams", "Give ids of parameter types, such as 1,2.");
}
