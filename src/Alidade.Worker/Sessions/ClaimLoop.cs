using Alidade.Engine.Protocol;
using Alidade.Worker.Attempts;
using Alidade.Worker.Protocol;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Sessions;

/// <summary>Asks for work while there is a free slot.</summary>
internal sealed class ClaimLoop(
    WorkerServer server,
    SessionKeeper sessions,
    AttemptTable attempts,
    ClaimGate gate,
    Backoff backoff,
    TimeProvider time,
    ILogger log
)
{
    /// <summary>An empty answer that comes sooner than this was no wait.</summary>
    private static readonly TimeSpan ShortPoll = TimeSpan.FromMilliseconds(50);

    public async Task RunAsync(Action<Grant> begin, CancellationToken cancellation)
    {
        var failures = 0;
        while (true)
        {
            await gate.OpenAsync(cancellation);
            var free = await attempts.FreeAsync(cancellation);
            var session = await sessions.CurrentAsync(cancellation);
            try
            {
                var asked = time.GetTimestamp();
                var reply = await server.ClaimAsync(session, free, cancellation);
                failures = reply.Grants.Count == 0 && time.GetElapsedTime(asked) < ShortPoll ? failures + 1 : 0;
                foreach (var grant in reply.Grants)
                {
                    begin(grant);
                }

                if (failures > 0)
                {
                    await backoff.DelayAsync(failures, null, cancellation);
                }
            }
            catch (ServerException e) when (e.Refusal is Refusal.SessionGone or Refusal.Unauthorized)
            {
                sessions.Gone(session);
            }
            catch (ServerException e) when (e.Refusal is Refusal.Draining)
            {
                gate.ServerDrains(true);
            }
            catch (ServerException e)
            {
                log.NotClaimed(e.Message);
                await backoff.DelayAsync(++failures, e.RetryAfter, cancellation);
            }
        }
    }
}
