namespace Alidade.Server.Trash;

/// <summary>Sweeps once an hour. The first time comes late, so that whoever was cut off by a restart is back before.</summary>
internal sealed partial class TrashLoop(Sweeper sweeper, TimeProvider time, ILogger<TrashLoop> logger)
    : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        while (await NextAsync(timer, stoppingToken))
        {
            try
            {
                var swept = await sweeper.SweepAsync(grace: null, stoppingToken);
                if (swept is not { Runs: 0, Resources: 0, Uploads: 0, Blobs: 0 })
                {
                    Swept(swept.Runs, swept.Resources, swept.Uploads, swept.Blobs, swept.Bytes);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The loop must outlive any failure of the store; the next sweep tries again.
                Failed(e);
            }
        }
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken cancellation)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(
        1,
        LogLevel.Information,
        "Purged {Runs} runs, {Resources} resources, {Uploads} uploads and {Blobs} blobs: {Bytes} bytes"
    )]
    private partial void Swept(long runs, long resources, long uploads, long blobs, long bytes);

    [LoggerMessage(2, LogLevel.Error, "A sweep of the trash failed")]
    private partial void Failed(Exception error);
}
