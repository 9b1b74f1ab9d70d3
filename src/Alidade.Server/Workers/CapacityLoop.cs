using Alidade.Server.Platform.Background;
using Alidade.Storage.Workers;

namespace Alidade.Server.Workers;

/// <summary>Looks in the background what workers have to give. Where that fails the chart has a gap.</summary>
public sealed partial class CapacityLoop(CapacityService capacity, TimeProvider time, ILogger<CapacityLoop> logger)
    : PeriodicLoop(TimeSpan.FromMicroseconds(CapacitySamples.Interval), time, atOnce: true)
{
    protected override Task RunAsync(CancellationToken cancellation) => capacity.SampleAsync(cancellation);

    [LoggerMessage(1, LogLevel.Error, "The slots of the workers could not be looked at")]
    protected override partial void Failed(Exception error);
}
