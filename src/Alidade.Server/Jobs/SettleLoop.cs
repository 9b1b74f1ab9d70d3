using System.Threading.Channels;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;

namespace Alidade.Server.Jobs;

/// <summary>Says that a job has ended for which others wait.</summary>
public sealed class SettleNudge
{
    private readonly Channel<bool> _nudges = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    public void Nudge() => _nudges.Writer.TryWrite(true);

    internal IAsyncEnumerable<bool> All(CancellationToken cancellation) => _nudges.Reader.ReadAllAsync(cancellation);
}

/// <summary>
/// Lets jobs go on at once when the job they come after has ended here. What ends on another server, or while this loop
/// fails, the sweep finds a second later.
/// </summary>
public sealed partial class SettleLoop(Stores stores, JobSignals signals, SettleNudge nudge, ILogger<SettleLoop> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var _ in nudge.All(stoppingToken))
            {
                await SettleAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private async Task SettleAsync(CancellationToken cancellation)
    {
        try
        {
            Settled settled;
            do
            {
                settled = await stores.Core.WriteAsync(Dependents.Settle, cancellation: cancellation);
                signals.Publish(settled.Moved);
            } while (settled.More);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Failed(e);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Jobs that wait for others could not be told of an end")]
    private partial void Failed(Exception error);
}
