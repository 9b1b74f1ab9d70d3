using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Trash;

/// <summary><c>/trash</c>: what was deleted by the routes of each kind.</summary>
public static class TrashApi
{
    private const long MostHours = 24 * 365;

    public static void MapTrashApi(this IEndpointRouteBuilder api)
    {
        var trash = api.MapGroup("/trash").WithTags("trash");
        trash
            .MapGet(
                "/",
                (Listing listing, Caller caller, TrashService service, CancellationToken c) =>
                    service.ListAsync(caller, listing, c)
            )
            .WithSummary("What was deleted and can be restored, newest first");
        trash
            .MapPost(
                "/sweep",
                (Input<SweepInput> input, Caller caller, Sweeper sweeper, CancellationToken c) =>
                    SweepAsync(input, caller, sweeper, c)
            )
            .WithSummary(
                "Purge what is due and give back the bytes that nothing refers to; for admins of the public group"
            )
            .Needs(Access.Manage);
        MapRuns(trash);
        foreach (var kind in TrashKind.All)
        {
            trash
                .MapPost(
                    $"/{kind.Address}/{{id:long}}/restore",
                    (long id, Caller caller, TrashService service, CancellationToken c) =>
                        service.RestoreAsync(caller, kind, id, c)
                )
                .WithSummary($"Restore the {kind.Word}, if its name is free");
            trash
                .MapDelete(
                    $"/{kind.Address}/{{id:long}}",
                    (long id, Caller caller, TrashService service, CancellationToken c) =>
                        service.PurgeAsync(caller, kind, id, c)
                )
                .WithSummary($"Purge the {kind.Word} now");
        }
    }

    private static void MapRuns(RouteGroupBuilder trash)
    {
        trash
            .MapPost(
                "/runs/{id}/restore",
                (string id, Caller caller, TrashService service, CancellationToken c) =>
                    service.RestoreRunAsync(caller, id, c)
            )
            .WithSummary("Restore the run");
        trash
            .MapDelete(
                "/runs/{id}",
                (string id, Caller caller, TrashService service, CancellationToken c) =>
                    service.PurgeRunAsync(caller, id, c)
            )
            .WithSummary("Purge the run now");
    }

    private static async Task<SweepView> SweepAsync(
        SweepInput input,
        Caller caller,
        Sweeper sweeper,
        CancellationToken cancellation
    )
    {
        if (caller.PublicGroup is not { } everyone || !caller.Groups.ContainsKey(everyone))
        {
            throw new ForbiddenException("PermissionDeniedError", "This needs the role admin in the group public.");
        }

        caller.Require(everyone, Role.Admin);
        return input.GraceHours is < 1 or > MostHours
            ? throw new InvalidInputException(
                "graceHours",
                $"Must be between 1 and {MostHours}: what refers to a file of this moment may not be recorded yet."
            )
            : await sweeper.SweepAsync(input.GraceHours is { } hours ? TimeSpan.FromHours(hours) : null, cancellation);
    }
}
