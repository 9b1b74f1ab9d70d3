using System.Text.Json;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Workers;

/// <summary>Slots of the workers of a pool.</summary>
public sealed record PoolSlots
{
    public long Pool { get; init; }
    public long Used { get; init; }
    public long Slots { get; init; }
}

/// <summary>Queued jobs of a group.</summary>
public sealed record GroupQueue
{
    public long GroupId { get; init; }
    public long Waiting { get; init; }
}

/// <summary>What workers had to give at a moment, in microseconds, and what waited for it.</summary>
public sealed record CapacitySample(long At, IReadOnlyList<PoolSlots> Pools, IReadOnlyList<GroupQueue> Groups);

/// <summary>Samples of the last hour. Servers over one database look at the same moments, and the first one's look counts.</summary>
public static class CapacitySamples
{
    public const long Interval = 30 * Timing.Second;
    public const long Kept = 3600 * Timing.Second;

    /// <summary>Queued jobs are counted in an index, lane by lane, and not read.</summary>
    internal const string Waiting = """
        SELECT l.group_id, COUNT(*) AS waiting FROM lane l JOIN job j ON j.lane = l.id AND j.state = 'queued'
        GROUP BY l.group_id ORDER BY l.group_id
        """;

    public static CapacitySample Look(ISession read, long at) =>
        new(
            at,
            [
                .. SessionReader
                    .Live(read)
                    .GroupBy(worker => worker.Pool)
                    .Select(pool => new PoolSlots
                    {
                        Pool = pool.Key,
                        Used = pool.Sum(worker => worker.Busy),
                        Slots = pool.Sum(worker => worker.Slots),
                    }),
            ],
            read.Query<GroupQueue>(Waiting)
        );

    /// <summary>Keeps a sample under the moment it belongs to, and forgets those that are too old.</summary>
    public static void Keep(ITransaction tx, CapacitySample sample)
    {
        tx.Execute(
            "INSERT INTO capacity (at, pools, groups) VALUES (@At, @Pools, @Groups) ON CONFLICT (at) DO NOTHING",
            new
            {
                At = sample.At - (sample.At % Interval),
                Pools = JsonSerializer.Serialize(sample.Pools),
                Groups = JsonSerializer.Serialize(sample.Groups),
            }
        );
        tx.Execute("DELETE FROM capacity WHERE at < @Oldest", new { Oldest = sample.At - Kept - Interval });
    }

    /// <summary>By time.</summary>
    public static IReadOnlyList<CapacitySample> Since(ISession read, long since) =>
        [
            .. read.Query<Row>("SELECT * FROM capacity WHERE at >= @Since ORDER BY at", new { Since = since })
                .Select(row => new CapacitySample(
                    row.At,
                    JsonSerializer.Deserialize<PoolSlots[]>(row.Pools)!,
                    JsonSerializer.Deserialize<GroupQueue[]>(row.Groups)!
                )),
        ];

    private sealed record Row
    {
        public long At { get; init; }
        public string Pools { get; init; } = "[]";
        public string Groups { get; init; } = "[]";
    }
}
