using Alidade.Server.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;

namespace Alidade.Server.Hosting;

/// <summary>Draws the consequences of a restore at the first start after it, before anybody is served.</summary>
internal sealed class RestoredFolder(DataFolder folder, Stores stores, JobSignals signals) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(folder.Restored))
        {
            return;
        }

        signals.Publish(await stores.Core.WriteAsync(AfterRestore.Run, cancellation: cancellationToken));
        File.Delete(folder.Restored);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
