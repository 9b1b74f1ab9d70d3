using Alidade.Server.Platform.Background;

namespace Alidade.Server.Trash;

/// <summary>Sweeps once an hour. The first time comes late, so that whoever was cut off by a restart is back before.</summary>
internal sealed partial class TrashLoop(Sweeper sweeper, TimeProvider time, ILogger<TrashLoop> logger)
    : PeriodicLoop(TimeSpan.FromHours(1), time)
{
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        var swept = await sweeper.SweepAsync(grace: null, cancellation);
        if (swept is not { Runs: 0, Resources: 0, Uploads: 0, Blobs: 0 })
        {
            Swept(swept.Runs, swept.Resources, swept.Uploads, swept.Blobs, swept.Bytes);
        }
    }

    [LoggerMessage(
        1,
        LogLevel.Information,
        "Purged {Runs} runs, {Resources} resources, {Uploads} uploads and {Blobs} blobs: {Bytes} bytes"
    )]
    private partial void Swept(long runs, long resources, long uploads, long blobs, long bytes);

    [LoggerMessage(2, LogLevel.Error, "A sweep of the trash failed")]
    protected override partial void Failed(Exception error);
}
