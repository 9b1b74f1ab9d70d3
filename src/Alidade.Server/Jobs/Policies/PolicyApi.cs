using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Jobs.Policies;

/// <summary><c>/queues/{id}/policy</c> and <c>/entrypoints/{id}/policy</c>; <c>/queues/{id}/pause</c> and <c>resume</c>.</summary>
public static class PolicyApi
{
    public static void MapPolicyApi(this IEndpointRouteBuilder api)
    {
        foreach (var kind in (ResourceKind[])[ResourceKind.Queue, ResourceKind.Entrypoint])
        {
            var routes = api.MapGroup($"/{kind.Collection}/{{id:long}}").WithTags(kind.Collection);
            routes
                .MapGet(
                    "/policy",
                    (long id, Caller caller, PolicyService service, CancellationToken c) =>
                        service.GetAsync(caller, kind, id, c)
                )
                .WithSummary("What it says about its jobs: labels, resources, retries, times");
            routes
                .MapPut(
                    "/policy",
                    (long id, Input<JobPolicy> input, Caller caller, PolicyService service, CancellationToken c) =>
                        service.SetAsync(caller, kind, id, input, c)
                )
                .WithSummary("Replace what it says about its jobs");
        }

        var queues = api.MapGroup("/queues/{id:long}").WithTags("queues");
        queues
            .MapGet(
                "/state",
                (long id, Caller caller, QueuePauses service, CancellationToken c) => service.GetAsync(caller, id, c)
            )
            .WithSummary("Whether it is paused");
        queues
            .MapPost(
                "/pause",
                (long id, Caller caller, QueuePauses service, CancellationToken c) => service.PauseAsync(caller, id, c)
            )
            .WithSummary("Give its jobs to no worker until it is resumed");
        queues
            .MapPost(
                "/resume",
                (long id, Caller caller, QueuePauses service, CancellationToken c) => service.ResumeAsync(caller, id, c)
            )
            .WithSummary("Give its jobs to workers again");
    }
}
