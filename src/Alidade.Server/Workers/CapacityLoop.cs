using Alidade.Storage.Workers;

namespace Alidade.Server.Workers;

/// <summary>Looks in the background what workers have to give.</summary>
public sealed partial class CapacityLoop(CapacityService capacity, TimeProvider time, ILogger<CapacityLoop> logger)
    : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromMicroseconds(CapacitySamples.Interval);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            do
            {
                await SampleAsync(stoppingToken);
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task SampleAsync(CancellationToken cancellation)
    {
        try
        {
            await capacity.SampleAsync(cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The loop must outlive any failure of the store; the chart has a gap.
            Failed(e);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The slots of the workers could not be looked at")]
    private partial void Failed(Exception error);
}
