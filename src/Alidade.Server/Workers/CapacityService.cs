using Alidade.Server.Platform;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;

namespace Alidade.Server.Workers;

/// <summary>Slots and waiting jobs of the last hour as columns; the last entry is of this moment.</summary>
/// <param name="IntervalSeconds">How often it was looked; where more time lies between two times, nobody looked.</param>
/// <param name="Times">Microseconds since 1970 UTC.</param>
/// <param name="Used">Slots in use.</param>
/// <param name="Slots">Slots there were.</param>
/// <param name="Waiting">Queued jobs.</param>
public sealed record CapacityView(
    double IntervalSeconds,
    IReadOnlyList<long> Times,
    IReadOnlyList<long> Used,
    IReadOnlyList<long> Slots,
    IReadOnlyList<long> Waiting
);

/// <summary>How much workers had to give over the last hour, as far as they serve groups of the caller.</summary>
public sealed class CapacityService(Stores stores, TimeProvider time)
{
    public Task<CapacityView> LastHourAsync(Caller caller, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => LastHour(s, caller), cancellation);

    /// <summary>Looks and keeps what it saw.</summary>
    public async Task SampleAsync(CancellationToken cancellation)
    {
        var sample = await stores.Core.ReadAsync(s => CapacitySamples.Look(s, Now), cancellation);
        await stores.Core.WriteAsync(
            tx =>
            {
                CapacitySamples.Keep(tx, sample);
                return true;
            },
            cancellation: cancellation
        );
    }

    private long Now => Micros.Now(time);

    private CapacityView LastHour(ISession s, Caller caller)
    {
        var now = Now;
        List<CapacitySample> samples =
        [
            // What held when the hour began was seen before it.
            .. CapacitySamples.Since(s, now - CapacitySamples.Kept - CapacitySamples.Interval),
            CapacitySamples.Look(s, now),
        ];
        var seen = samples
            .SelectMany(sample => sample.Pools.Select(pool => pool.Pool))
            .Distinct()
            .Where(pool => PoolService.Serves(Pools.Groups(s, pool), caller))
            .ToHashSet();
        return new CapacityView(
            TimeSpan.FromMicroseconds(CapacitySamples.Interval).TotalSeconds,
            [.. samples.Select(sample => sample.At)],
            [.. samples.Select(sample => sample.Pools.Where(p => seen.Contains(p.Pool)).Sum(p => p.Used))],
            [.. samples.Select(sample => sample.Pools.Where(p => seen.Contains(p.Pool)).Sum(p => p.Slots))],
            [
                .. samples.Select(sample =>
                    sample.Groups.Where(g => caller.Groups.ContainsKey(g.GroupId)).Sum(g => g.Waiting)
                ),
            ]
        );
    }
}
