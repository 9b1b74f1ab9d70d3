using Alidade.Server.Jobs;
using Alidade.Server.Platform.Background;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;

namespace Alidade.Server.Workers;

/// <summary>Sweeps in the background. Silence that is our own fault is not counted against workers.</summary>
public sealed partial class ReaperLoop(Stores stores, JobSignals signals, TimeProvider time, ILogger<ReaperLoop> logger)
    : PeriodicLoop(TimeSpan.FromSeconds(1), time)
{
    /// <summary>A pause this long means that the process, or its machine, stood still.</summary>
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(5);

    /// <summary>Since when the breaker has been open.</summary>
    private long? _opened;

    /// <summary>Since when workers could be heard: now, if the last sweep failed.</summary>
    private long _listening;

    private long _last;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _listening = Now();
        _last = Time.GetTimestamp();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        if (Time.GetElapsedTime(_last) > Stall)
        {
            _listening = Now();
            Stalled(Time.GetElapsedTime(_last));
        }

        try
        {
            await SweepAsync(cancellation);
        }
        catch
        {
            _listening = Now();
            throw;
        }
        finally
        {
            _last = Time.GetTimestamp();
        }
    }

    private async Task SweepAsync(CancellationToken cancellation)
    {
        Sweep sweep;
        do
        {
            sweep = await stores.Core.WriteAsync(tx => Reaper.Run(tx, _listening, _opened), cancellation: cancellation);
            signals.Publish(sweep.Moved);
            foreach (var job in sweep.Moved.Select(m => m.Now))
            {
                Judged(job.Id, job.State, job.Reason);
            }
        } while (sweep.More);

        if (sweep.Broken && _opened is null)
        {
            _opened = Now();
            Broken();
        }
        else if (!sweep.IsMass)
        {
            _opened = null;
        }
    }

    private long Now() => (Time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

    [LoggerMessage(1, LogLevel.Information, "Job {Job} is {State} ({Reason})")]
    private partial void Judged(long job, string state, string? reason);

    [LoggerMessage(2, LogLevel.Warning, "The server stood still for {Pause}; workers get as much time again")]
    private partial void Stalled(TimeSpan pause);

    [LoggerMessage(3, LogLevel.Error, "Many workers fell silent at once; no job is taken away for another while")]
    private partial void Broken();

    [LoggerMessage(4, LogLevel.Error, "A sweep over the jobs failed")]
    protected override partial void Failed(Exception error);
}
