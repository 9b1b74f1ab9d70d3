using System.Diagnostics;
using Alidade.Bench.Measuring;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;
using Alidade.Testing;
using Microsoft.Data.Sqlite;

namespace Alidade.Bench.Scenarios;

/// <summary>Points through the store in batches, durable before the answer, beside rows of a bare SQLite table.</summary>
internal sealed class MetricsIngest : IScenario
{
    private const int BatchSize = 1000;
    private const int Batches = 300;
    private const int Names = 5;

    public string Name => "metrics-ingest";

    public string About => $"metric points in batches of {BatchSize}, each durable before the next";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        await using var source = new SqliteTestStore();
        await using var store = await source.OpenAsync("series");
        await StoreAsync(store, "warm up");
        var floor = Bare();
        var points = await StoreAsync(store, "measured");
        report.Add(new Measure("bare SQLite, a row each point", "points/s", floor, Count: Batches * BatchSize));
        report.Add(
            new Measure(
                "series store",
                "points/s",
                points,
                Count: Batches * BatchSize,
                Floor: floor,
                Expected: "≥ 500,000/s"
            )
        );
    }

    private static async Task<double> StoreAsync(IStore store, string run)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var batch = 0; batch < Batches; batch++)
        {
            var points = Enumerable.Range(batch * BatchSize, BatchSize).Select(Point).ToList();
            await store.WriteAsync(
                tx =>
                {
                    MetricWriter.Append(tx, run, points);
                    return true;
                },
                Lane.Bulk
            );
        }

        return Batches * BatchSize / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private static MetricPoint Point(int i) => new($"metric {i % Names}", i / Names, i, Math.Sin(i));

    /// <summary>One prepared insert, a transaction for each batch, with the store's own durability.</summary>
    private static double Bare()
    {
        using var folder = new TemporaryFolder();
        using var connection = new SqliteConnection($"Data Source={folder.Sub("bare.db")};Pooling=False");
        connection.Open();
        Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000");
        Execute("CREATE TABLE point (run TEXT, name TEXT, step INTEGER, time INTEGER, value REAL)");
        var begun = Stopwatch.GetTimestamp();
        for (var batch = 0; batch < Batches; batch++)
        {
            using var transaction = connection.BeginTransaction();
            using var insert = connection.CreateCommand();
            insert.Transaction = transaction;
            insert.CommandText = "INSERT INTO point VALUES ('bare', $name, $step, $time, $value)";
            var parameters = new[] { "$name", "$step", "$time", "$value" }
                .Select(name => insert.Parameters.AddWithValue(name, 0))
                .ToArray();
            foreach (var point in Enumerable.Range(batch * BatchSize, BatchSize).Select(Point))
            {
                parameters[0].Value = point.Name;
                parameters[1].Value = point.Step;
                parameters[2].Value = point.Time;
                parameters[3].Value = point.Value;
                insert.ExecuteNonQuery();
            }

            transaction.Commit();
        }

        return Batches * BatchSize / Stopwatch.GetElapsedTime(begun).TotalSeconds;

        void Execute(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }
}
