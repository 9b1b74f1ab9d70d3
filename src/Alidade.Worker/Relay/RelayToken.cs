using Alidade.Worker.Attempts;
using Alidade.Worker.Protocol;
using Alidade.Worker.Sessions;

namespace Alidade.Worker.Relay;

/// <summary>The present token of an attempt, asked for when it is first needed and again before it expires.</summary>
internal sealed class RelayToken(Attempt attempt, ReliableServer server, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _asking = new(1);
    private string? _token;
    private long _since;
    private TimeSpan _use;

    /// <exception cref="ServerException">The attempt is not this worker's any more.</exception>
    public async Task<string> CurrentAsync(CancellationToken cancellation)
    {
        await _asking.WaitAsync(cancellation);
        try
        {
            if (_token is null || time.GetElapsedTime(_since) >= _use)
            {
                _since = time.GetTimestamp();
                var reply = await server.SendAsync(
                    (calls, session, token) => calls.AttemptTokenAsync(session, attempt.Id, attempt.Fence, token),
                    cancellation
                );
                // Long enough before its end that no call under way outlives it.
                (_token, _use) = (reply.Token, TimeSpan.FromSeconds(reply.LifetimeSeconds / 2));
            }

            return _token;
        }
        finally
        {
            _asking.Release();
        }
    }

    public void Dispose() => _asking.Dispose();
}
