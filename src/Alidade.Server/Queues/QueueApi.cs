using Alidade.Server.Platform.Resources;

namespace Alidade.Server.Queues;

/// <summary><c>/queues</c>.</summary>
public static class QueueApi
{
    public static void MapQueueApi(this IEndpointRouteBuilder api) =>
        api.MapVersioned<QueueService, QueueInput, QueueChange, QueueView>(ResourceKind.Queue);
}
