using Alidade.Worker.Protocol;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Sessions;

/// <summary>Repeats a call, under whatever session there is, until the server gives an answer that is final.</summary>
internal sealed class ReliableServer(WorkerServer server, SessionKeeper sessions, Backoff backoff, ILogger log)
{
    /// <exception cref="ServerException">An answer that repeating does not change.</exception>
    public async Task<T> SendAsync<T>(
        Func<WorkerServer, WorkerSession, CancellationToken, Task<T>> call,
        CancellationToken cancellation
    )
    {
        for (var failures = 0; ; )
        {
            var session = await sessions.CurrentAsync(cancellation);
            try
            {
                return await call(server, session, cancellation);
            }
            catch (ServerException e) when (e.Refusal is Refusal.SessionGone or Refusal.Unauthorized)
            {
                sessions.Gone(session);
            }
            catch (ServerException e) when (e.Refusal is Refusal.Unavailable)
            {
                log.Repeats(e.Message);
                await backoff.DelayAsync(++failures, e.RetryAfter, cancellation);
            }
        }
    }

    public Task SendAsync(
        Func<WorkerServer, WorkerSession, CancellationToken, Task> call,
        CancellationToken cancellation
    ) =>
        SendAsync(
            async (server, session, token) =>
            {
                await call(server, session, token);
                return true;
            },
            cancellation
        );
}
