using System.Threading.Channels;
using Alidade.Server.Platform.Background;
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

    internal async ValueTask<bool> WaitAsync(CancellationToken cancellation)
    {
        await _nudges.Reader.ReadAsync(cancellation);
        return true;
    }
}

/// <summary>
/// Lets jobs go on at once when the job they come after has ended here. What ends on another server, or while this loop
/// fails, the sweep finds a second later.
/// </summary>
public sealed partial class SettleLoop(Stores stores, JobSignals signals, SettleNudge nudge, ILogger<SettleLoop> logger)
    : BackgroundLoop
{
    protected override ValueTask<bool> NextAsync(CancellationToken cancellation) => nudge.WaitAsync(cancellation);

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        Settled settled;
        do
        {
            settled = await stores.Core.WriteAsync(Dependents.Settle, cancellation: cancellation);
            signals.Publish(settled.Moved);
        } while (settled.More);
    }

    [LoggerMessage(1, LogLevel.Error, "Jobs that wait for others could not be told of an end")]
    protected override partial void Failed(Exception error);
}
