using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Workers;

/// <summary><c>/workerTokens</c>, <c>/workers</c> and <c>/queues/{id}/workers</c>: who may work, and who does.</summary>
public static class WorkerTokenApi
{
    public static void MapWorkerTokenApi(this IEndpointRouteBuilder api)
    {
        var tokens = api.MapGroup("/workerTokens").WithTags("workers");
        tokens
            .MapPost(
                "/",
                (Input<WorkerTokenInput> input, Caller caller, WorkerTokenService service, CancellationToken c) =>
                    service.CreateAsync(caller, input, c)
            )
            .WithSummary("Make a token for workers of a group; it is shown once");
        tokens
            .MapGet(
                "/",
                (long group, Caller caller, WorkerTokenService service, CancellationToken c) =>
                    service.ListAsync(caller, group, c)
            )
            .WithSummary("List the tokens of a group's workers");
        tokens
            .MapDelete(
                "/{id:long}",
                (long id, Caller caller, WorkerTokenService service, CancellationToken c) =>
                    service.RevokeAsync(caller, id, c)
            )
            .WithSummary("Revoke a token; its workers stop");
        api.MapGet("/workers", (Caller caller, WorkerList list, CancellationToken c) => list.AllAsync(caller, c))
            .WithTags("workers")
            .WithSummary("List the workers that are there now");
        api.MapGet(
                "/queues/{id:long}/workers",
                (long id, Caller caller, WorkerList list, CancellationToken c) => list.OfQueueAsync(caller, id, c)
            )
            .WithTags("queues")
            .WithSummary("List the workers that serve a queue");
    }
}
