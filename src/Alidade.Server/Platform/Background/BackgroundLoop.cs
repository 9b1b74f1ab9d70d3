namespace Alidade.Server.Platform.Background;

/// <summary>
/// Does the same thing again and again until the server stops. A round that fails is told and the next one tries again:
/// neither a fault of the store nor a wait that somebody else gave up may end what the server needs while it lives.
/// </summary>
public abstract class BackgroundLoop : BackgroundService
{
    /// <summary>Waits until there is something to do again.</summary>
    /// <returns>False when there never will be.</returns>
    protected abstract ValueTask<bool> NextAsync(CancellationToken cancellation);

    protected abstract Task RunAsync(CancellationToken cancellation);

    /// <summary>Tells of a round that failed.</summary>
    protected abstract void Failed(Exception error);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await NextAsync(stoppingToken))
            {
                await TryRunAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops. What was under way is whole or was not made.
        }
    }

    private async Task TryRunAsync(CancellationToken cancellation)
    {
        try
        {
            await RunAsync(cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            Failed(e);
        }
    }
}
