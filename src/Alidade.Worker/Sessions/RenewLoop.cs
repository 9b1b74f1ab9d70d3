using Alidade.Engine.Protocol;
using Alidade.Worker.Attempts;
using Alidade.Worker.Protocol;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Sessions;

/// <summary>
/// Says what runs and obeys the answer. It waits for nothing else and has its own connection, so no amount of other
/// traffic makes the server believe that this worker is gone.
/// </summary>
internal sealed class RenewLoop(
    WorkerServer server,
    SessionKeeper sessions,
    AttemptTable attempts,
    SelfFence fence,
    ClaimGate gate,
    MachineLoad load,
    Backoff backoff,
    TimeProvider time,
    ILogger log
)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        var failures = 0;
        while (true)
        {
            var session = await sessions.CurrentAsync(cancellation);
            var interval = TimeSpan.FromSeconds(session.Intervals.Renew);
            try
            {
                await RenewAsync(session, cancellation);
                failures = 0;
                await Task.Delay(backoff.Spread(interval), time, cancellation);
            }
            catch (ServerException e) when (e.Refusal is Refusal.SessionGone or Refusal.Unauthorized)
            {
                sessions.Gone(session);
            }
            catch (ServerException e)
            {
                log.NotRenewed(e.Message);
                var wait = backoff.Span(++failures, e.RetryAfter);
                await Task.Delay(wait < interval ? wait : interval, time, cancellation);
            }
        }
    }

    private async Task RenewAsync(WorkerSession session, CancellationToken cancellation)
    {
        var sent = time.GetTimestamp();
        var reply = await server.RenewAsync(session, new RenewRequest(attempts.Live, load.Look()), cancellation);
        fence.Renewed(sent);
        gate.ServerDrains(reply.Drain);
        foreach (var id in reply.Stop)
        {
            attempts.Find(id)?.Forget();
        }

        foreach (var id in reply.Cancel)
        {
            attempts.Find(id)?.Cancel();
        }
    }
}
