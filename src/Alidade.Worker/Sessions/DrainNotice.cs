using Alidade.Engine.Protocol;
using Alidade.Worker.Attempts;
using Alidade.Worker.Protocol;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Sessions;

/// <summary>
/// Tells the server that this worker stops, and waits for its answer to the claim under way. A claim that is merely
/// broken off may have been granted already, and its job would wait for the lease to run out.
/// </summary>
internal sealed class DrainNotice(
    WorkerServer server,
    SessionKeeper sessions,
    AttemptTable attempts,
    TimeProvider time,
    ILogger log
)
{
    /// <summary>A server that does not answer within this is left to find out by itself.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <param name="claims">Ends when nothing more can be granted.</param>
    /// <param name="leave">Do not wait.</param>
    public async Task GiveAsync(Task claims, CancellationToken leave)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, leave);
        try
        {
            var session = await sessions.CurrentAsync(either.Token);
            await server.RenewAsync(session, new RenewRequest(attempts.Live, Draining: true), either.Token);
            await claims.WaitAsync(either.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ServerException)
        {
            log.DrainNotGiven(e.Message);
        }
    }
}
