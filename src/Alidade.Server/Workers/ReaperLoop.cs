using Alidade.Server.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;

namespace Alidade.Server.Workers;

/// <summary>Sweeps in the background. Silence that is our own fault is not counted against workers.</summary>
public sealed partial class ReaperLoop(Stores stores, JobSignals signals, TimeProvider time, ILogger<ReaperLoop> logger)
    : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <summary>A pause this long means that the process, or its machine, stood still.</summary>
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(5);

    /// <summary>Since when the breaker has been open.</summary>
    private long? _opened;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var listening = Now();
        var last = time.GetTimestamp();
        using var timer = new PeriodicTimer(Tick, time);
        while (await NextAsync(timer, stoppingToken))
        {
            if (time.GetElapsedTime(last) > Stall)
            {
                listening = Now();
                Stalled(time.GetElapsedTime(last));
            }

            listening = await SweepAsync(listening, stoppingToken);
            last = time.GetTimestamp();
        }
    }

    /// <returns>Since when workers could be heard: now, if the sweep failed.</returns>
    private async Task<long> SweepAsync(long listening, CancellationToken cancellation)
    {
        try
        {
            Sweep sweep;
            do
            {
                sweep = await stores.Core.WriteAsync(
                    tx => Reaper.Run(tx, listening, _opened),
                    cancellation: cancellation
                );
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

            return listening;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The loop must outlive any failure of the store; the next sweep tries again.
            Failed(e);
        }

        return Now();
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

    private long Now() => (time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

    [LoggerMessage(1, LogLevel.Information, "Job {Job} is {State} ({Reason})")]
    private partial void Judged(long job, string state, string? reason);

    [LoggerMessage(2, LogLevel.Warning, "The server stood still for {Pause}; workers get as much time again")]
    private partial void Stalled(TimeSpan pause);

    [LoggerMessage(3, LogLevel.Error, "Many workers fell silent at once; no job is taken away for another while")]
    private partial void Broken();

    [LoggerMessage(4, LogLevel.Error, "A sweep over the jobs failed")]
    private partial void Failed(Exception error);
}
