using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Models;

/// <summary><c>/models</c> and their versions.</summary>
public static class ModelApi
{
    public static void MapModelApi(this IEndpointRouteBuilder api)
    {
        var routes = api.MapVersioned<ModelService, ModelInput, ModelChange, ModelView>(ResourceKind.Model);
        routes
            .MapGet(
                "/{id:long}/versions",
                (long id, Listing listing, Caller caller, ModelVersionService service, CancellationToken c) =>
                    service.ListAsync(caller, id, listing, c)
            )
            .WithSummary("List its versions");
        routes
            .MapPost(
                "/{id:long}/versions",
                (
                    long id,
                    Input<ModelVersionInput> input,
                    Caller caller,
                    ModelVersionService service,
                    CancellationToken c
                ) => service.CreateAsync(caller, id, input, c)
            )
            .WithSummary("Make an artifact its next version");
        routes
            .MapGet(
                "/{id:long}/versions/{number:long}",
                (long id, long number, Caller caller, ModelVersionService service, CancellationToken c) =>
                    service.GetAsync(caller, id, number, c)
            )
            .WithSummary("Get one of its versions");
        routes
            .MapPut(
                "/{id:long}/versions/{number:long}",
                (
                    long id,
                    long number,
                    Input<ModelVersionChange> input,
                    Caller caller,
                    ModelVersionService service,
                    CancellationToken c
                ) => service.ModifyAsync(caller, id, number, input, c)
            )
            .WithSummary("Describe one of its versions anew");
        routes
            .MapDelete(
                "/{id:long}/versions/{number:long}",
                (long id, long number, Caller caller, ModelVersionService service, CancellationToken c) =>
                    service.DeleteAsync(caller, id, number, c)
            )
            .WithSummary("Put one of its versions into the trash");
        routes
            .MapGet(
                "/{id:long}/versions/{number:long}/lineage",
                (long id, long number, Caller caller, LineageService service, CancellationToken c) =>
                    service.OfVersionAsync(caller, id, number, c)
            )
            .WithSummary("What a version was made of and by, and what used it");
        MapAliases(routes);
    }

    private static void MapAliases(RouteGroupBuilder routes)
    {
        routes
            .MapGet(
                "/{id:long}/aliases",
                (long id, Caller caller, AliasService service, CancellationToken c) => service.ListAsync(caller, id, c)
            )
            .WithSummary("List its aliases, with what each demands");
        routes
            .MapPut(
                "/{id:long}/aliases/{alias}",
                (
                    long id,
                    string alias,
                    Input<AliasInput> input,
                    Caller caller,
                    AliasService service,
                    CancellationToken c
                ) => service.SetAsync(caller, id, alias, input, c)
            )
            .WithSummary("Point an alias to a version")
            .WithDescription(
                "In one step: no reader sees it pointing nowhere. With `expected` it moves only from that version. An alias "
                    + "with a gate is refused until the evaluations it demands have finished; the answer names those missing."
            );
        routes
            .MapDelete(
                "/{id:long}/aliases/{alias}",
                (long id, string alias, Caller caller, AliasService service, CancellationToken c) =>
                    service.DeleteAsync(caller, id, alias, c)
            )
            .WithSummary("Take an alias away");
        routes
            .MapGet(
                "/{id:long}/aliases/{alias}/history",
                (long id, string alias, Caller caller, AliasService service, CancellationToken c) =>
                    service.HistoryAsync(caller, id, alias, c)
            )
            .WithSummary("Where an alias has pointed, newest first");
        routes
            .MapPut(
                "/{id:long}/aliases/{alias}/gate",
                (
                    long id,
                    string alias,
                    Input<GateInput> input,
                    Caller caller,
                    AliasService service,
                    CancellationToken c
                ) => service.SetGateAsync(caller, id, alias, input, c)
            )
            .WithSummary("Say which finished evaluations an alias demands of a version")
            .Needs(Access.Manage);
    }
}
