using Alidade.Engine.Protocol;
using Alidade.Worker.Attempts;
using Alidade.Worker.Protocol;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Sessions;

/// <summary>
/// Holds the one session everything is said under, and registers again, presenting what runs, when it is gone.
/// </summary>
internal sealed class SessionKeeper(
    WorkerServer server,
    string token,
    Func<CancellationToken, Task<SessionRequest>> introduce,
    AttemptTable attempts,
    SelfFence fence,
    Backoff backoff,
    TimeProvider time,
    ILogger log
)
{
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private TaskCompletionSource<WorkerSession> _current = NewCurrent();
    private TaskCompletionSource _gone = NewGone();

    /// <summary>The session, as soon as there is one.</summary>
    public Task<WorkerSession> CurrentAsync(CancellationToken cancellation) =>
        Volatile.Read(ref _current).Task.WaitAsync(cancellation);

    /// <summary>The server does not know this session any more.</summary>
    public void Gone(WorkerSession session)
    {
        lock (_gate)
        {
            // Several calls may find out at once, some of them late; only the first about the present session counts.
            if (_current.Task is { IsCompletedSuccessfully: true } current && IsSame(current, session))
            {
                _current = NewCurrent();
                _gone.TrySetResult();
            }
        }
    }

    /// <summary>Registers, and again whenever the session is gone, until cancelled or refused.</summary>
    /// <exception cref="ServerException">The token is refused: nothing this worker does counts.</exception>
    public async Task RunAsync(Action<WorkerSession> registered, CancellationToken cancellation)
    {
        for (var shortLived = 0; ; )
        {
            var session = await RegisterAsync(cancellation);
            var since = time.GetTimestamp();
            Task gone;
            lock (_gate)
            {
                _gone = NewGone();
                gone = _gone.Task;
                _current.SetResult(session);
            }

            registered(session);
            await gone.WaitAsync(cancellation);
            log.SessionGone(session.Id);

            // A server that forgets each session at once is not asked for the next one in a tight loop.
            shortLived = time.GetElapsedTime(since) < Settled ? shortLived + 1 : 0;
            if (shortLived > 0)
            {
                await backoff.DelayAsync(shortLived, null, cancellation);
            }
        }
    }

    private async Task<WorkerSession> RegisterAsync(CancellationToken cancellation)
    {
        for (var failures = 0; ; )
        {
            var sent = time.GetTimestamp();
            try
            {
                var request = await introduce(cancellation);
                var reply = await server.RegisterAsync(token, request, cancellation);
                fence.Renewed(sent, reply.Intervals);
                foreach (var id in reply.Stop)
                {
                    attempts.Find(id)?.Forget();
                }

                return new WorkerSession(reply.Session, reply.Secret, reply.Intervals);
            }
            catch (ServerException e) when (e.Refusal is not Refusal.Unauthorized)
            {
                log.NotRegistered(e.Message);
                await backoff.DelayAsync(++failures, e.RetryAfter, cancellation);
            }
        }
    }

    private static bool IsSame(Task<WorkerSession> current, WorkerSession session) =>
        current.GetAwaiter().GetResult() == session;

    private static TaskCompletionSource<WorkerSession> NewCurrent() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TaskCompletionSource NewGone() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
