namespace Alidade.Server.Hosting;

/// <summary>
/// Leaves signals to the caller. The host's own lifetime stops serving at the first signal, and then nobody would take
/// what a draining worker still has to say.
/// </summary>
internal sealed class CallerLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
