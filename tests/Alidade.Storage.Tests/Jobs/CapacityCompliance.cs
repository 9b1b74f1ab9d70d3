using Alidade.Storage.Workers;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Jobs;

/// <summary>What workers had to give, on every store.</summary>
public abstract class CapacityCompliance(ITestStore source) : IAsyncLifetime
{
    private readonly JobWorld _world = new(source);

    public async ValueTask InitializeAsync() => await _world.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_look_counts_slots_by_pool_and_queued_jobs_by_group()
    {
        Assert.Equal([0, 0, 0], Counts(await LookAsync()));
        var first = await _world.Register("first", slots: 2);
        await _world.Register("second", slots: 3);
        for (var i = 0; i < 4; i++)
        {
            await _world.Submit(queue: JobWorld.Queue + (i % 2));
        }

        await _world.Submit(after: TimeSpan.FromHours(1));
        await _world.Take(first.Session);

        var look = await LookAsync();
        Assert.Equal([1, 5, 3], Counts(look));
        Assert.Equal(1, Assert.Single(look.Groups).GroupId);
    }

    [Fact]
    public async Task Samples_are_kept_for_an_hour_one_for_each_moment_whoever_looks()
    {
        await _world.Register("first", slots: 2);
        var look = await LookAsync();
        var start = look.At - (look.At % CapacitySamples.Interval);
        await KeepAsync(look);
        await KeepAsync(look with { At = look.At + 1, Pools = [] });
        Assert.Equal([0, 2, 0], Counts(Assert.Single(await SinceAsync(0))));

        for (var i = 1; i <= 125; i++)
        {
            await KeepAsync(look with { At = start + (i * CapacitySamples.Interval) });
        }

        var kept = await SinceAsync(0);
        Assert.Equal(
            Enumerable.Range(4, 122).Select(i => start + (i * CapacitySamples.Interval)),
            kept.Select(s => s.At)
        );
        Assert.Equal(2, (await SinceAsync(kept[^2].At)).Count);
    }

    private static IEnumerable<long> Counts(CapacitySample look) =>
        [look.Pools.Sum(p => p.Used), look.Pools.Sum(p => p.Slots), look.Groups.Sum(g => g.Waiting)];

    private Task<CapacitySample> LookAsync() => _world.Write(tx => CapacitySamples.Look(tx, tx.Now));

    private Task<IReadOnlyList<CapacitySample>> SinceAsync(long at) => _world.Read(s => CapacitySamples.Since(s, at));

    private Task<bool> KeepAsync(CapacitySample sample) =>
        _world.Write(tx =>
        {
            CapacitySamples.Keep(tx, sample);
            return true;
        });
}

public sealed class SqliteCapacityTests() : CapacityCompliance(new SqliteTestStore());

public sealed class PostgresCapacityTests() : CapacityCompliance(new PostgresTestStore());
