using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Workers;

/// <summary>
/// <c>/workerTokens</c>, <c>/pools</c>, <c>/workers</c> and <c>/queues/{id}/workers</c>: who may work, and who does.
/// </summary>
public static class WorkerTokenApi
{
    public static void MapWorkerTokenApi(this IEndpointRouteBuilder api)
    {
        var tokens = api.MapGroup("/workerTokens").WithTags("workers").Needs(Access.Manage);
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
        api.MapGet("/pools", (Caller caller, PoolService pools, CancellationToken c) => pools.ListAsync(caller, c))
            .WithTags("workers")
            .WithSummary("List the pools that workers belong to");
        api.MapPut(
                "/pools/{id:long}/dataFolders",
                (long id, Input<PoolDataInput> input, Caller caller, PoolService pools, CancellationToken c) =>
                    pools.SetDataFoldersAsync(caller, id, input, c)
            )
            .WithTags("workers")
            .WithSummary("Replace the data folders that a pool's workers show to jobs")
            .Needs(Access.Manage);
        api.MapGet("/workers", (Caller caller, WorkerList list, CancellationToken c) => list.AllAsync(caller, c))
            .WithTags("workers")
            .WithSummary("List the workers that are there now");
        api.MapGet(
                "/workers/capacity",
                (Caller caller, CapacityService capacity, CancellationToken c) => capacity.LastHourAsync(caller, c)
            )
            .WithTags("workers")
            .WithSummary("Slots in use, slots and waiting jobs over the last hour");
        api.MapPost(
                "/workers/{id:long}/drain",
                (long id, Caller caller, WorkerDrains service, CancellationToken c) => service.DrainAsync(caller, id, c)
            )
            .WithTags("workers")
            .WithSummary("Let a worker finish what it runs and give it nothing more")
            .Needs(Access.Manage);
        api.MapPost(
                "/workers/{id:long}/resume",
                (long id, Caller caller, WorkerDrains service, CancellationToken c) =>
                    service.ResumeAsync(caller, id, c)
            )
            .WithTags("workers")
            .WithSummary("Give a drained worker jobs again")
            .Needs(Access.Manage);
        api.MapGet(
                "/queues/{id:long}/workers",
                (long id, Caller caller, WorkerList list, CancellationToken c) => list.OfQueueAsync(caller, id, c)
            )
            .WithTags("queues")
            .WithSummary("List the workers that serve a queue");
    }
}
