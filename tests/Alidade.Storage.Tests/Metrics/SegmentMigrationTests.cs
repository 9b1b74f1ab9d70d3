using System.Data.Common;
using Alidade.Storage.Metrics;
using Alidade.Storage.Tests.Platform;
using Alidade.Testing;
using Dapper;

namespace Alidade.Storage.Tests.Metrics;

/// <summary>A file from before the batches of a run lay beside each other keeps its points, and no id is given again.</summary>
public sealed class SegmentMigrationTests
{
    [Fact]
    public async Task Batches_of_an_old_file_move()
    {
        using var folder = new TemporaryFolder();
        await using var store = await OldStore.SqliteAsync(folder, "series", "0091", Fill);
        await store.WriteAsync(t => MetricWriter.Append(t, "b", [new MetricPoint("m", 4, 40, 0.4)]).Count);

        var (first, second) = (await ValuesAsync("a"), await ValuesAsync("b"));
        Assert.Equal([0.1, 0.3], first);
        Assert.Equal([0.2, 0.4], second);
        Assert.Equal(
            ["a 1", "a 3", "b 2", "b 10"],
            await store.ReadAsync(s => s.Query<string>("SELECT run || ' ' || id FROM segment ORDER BY run, id"))
        );
        Assert.Equal(
            ["a m 2 10", "b m 2 40"],
            await store.ReadAsync(s =>
                s.Query<string>(
                    "SELECT run || ' ' || name || ' ' || count || ' ' || last_time FROM series ORDER BY run"
                )
            )
        );

        async Task<double[]> ValuesAsync(string run) =>
            [.. (await store.ReadAsync(s => MetricReader.All(s, run, "m"))).Values];
    }

    /// <summary>Three batches of two runs; a later one was compacted.</summary>
    private static void Fill(DbConnection connection)
    {
        Add(1, "a", 0.1);
        Add(2, "b", 0.2);
        Add(3, "a", 0.3);
        Add(9, "c", 0.9);
        connection.Execute("DELETE FROM segment WHERE id = 9; DELETE FROM series WHERE run = 'c'");

        void Add(int id, string run, double value)
        {
            connection.Execute(
                "INSERT INTO segment (id, run, count, min_step, max_step, body) VALUES (@id, @run, 1, @id, @id, @body)",
                new
                {
                    id,
                    run,
                    body = SegmentCodec.Encode([0], [new StoredPoint(id, id * 10, value, 0)]),
                }
            );
            connection.Execute(
                """
                INSERT INTO series (run, name, number, count, last, last_step, last_time, min, max)
                VALUES (@run, 'm', 0, 1, @value, @id, @time, @value, @value)
                ON CONFLICT (run, name) DO UPDATE SET count = count + 1
                """,
                new
                {
                    run,
                    id,
                    time = id * 10,
                    value = OrderedDouble.ToLong(value),
                }
            );
        }
    }
}
