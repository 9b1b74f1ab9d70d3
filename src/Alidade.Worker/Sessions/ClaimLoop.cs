using Alidade.Engine.Protocol;
using Alidade.Worker.Attempts;
using Alidade.Worker.Protocol;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Sessions;

/// <summary>
/// Asks for work while there is a free slot. What is granted by the time the server knows that the worker stops is
/// begun like all else: nothing is granted that nobody hears of.
/// </summary>
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

    /// <param name="drain">Ask for nothing more; a call under way is left to the server to answer.</param>
    /// <param name="abandon">Give up that call too.</param>
    public async Task RunAsync(Action<Grant> begin, CancellationToken drain, CancellationToken abandon)
    {
        var failures = 0;
        while (!drain.IsCancellationRequested)
        {
            await gate.OpenAsync(drain);
            var free = await attempts.FreeAsync(drain);
            var session = await sessions.CurrentAsync(drain);
            try
            {
                var asked = time.GetTimestamp();
                var reply = await server.ClaimAsync(session, free, abandon);
                failures = reply.Grants.Count == 0 && time.GetElapsedTime(asked) < ShortPoll ? failures + 1 : 0;
                foreach (var grant in reply.Grants)
                {
                    begin(grant);
                }

                if (failures > 0)
                {
                    await backoff.DelayAsync(failures, null, drain);
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
                await backoff.DelayAsync(++failures, e.RetryAfter, drain);
            }
        }
    }
}
