using Alidade.Engine.Protocol;
using Alidade.Server.Platform.Errors;

namespace Alidade.Server.Workers;

/// <summary>An answer that tells a worker agent what to do.</summary>
public sealed class WorkerRefused(int status, string error, string message, long? acked = null)
    : ApiException(status, error, message)
{
    public WorkerRefusal Body { get; } = new(error, message, acked);

    public static WorkerRefused Unauthorized() =>
        new(401, "unauthorized", "The token or session secret is not known here, or was revoked.");

    public static WorkerRefused Gone() => new(410, "session_gone", "The session has ended. Register again.");

    public static WorkerRefused Stale() =>
        new(409, "stale_attempt", "The attempt is no longer this worker's. End it and forget it.");

    public static WorkerRefused Elsewhere(string message) => new(409, "worker_elsewhere", message);

    public static WorkerRefused Draining() =>
        new(409, "draining", "The worker is being drained: it gets nothing more.");

    public static WorkerRefused Missing(long acked) =>
        new(409, "events_missing", $"Events are acknowledged up to {acked} only. Send the rest first.", acked);

    public static WorkerRefused Bad(string message) => new(400, "bad_request", message);
}

/// <summary>Turns refusals into their JSON.</summary>
public sealed class WorkerRefusedFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (WorkerRefused refused)
        {
            return Results.Json(refused.Body, statusCode: refused.Status);
        }
    }
}
