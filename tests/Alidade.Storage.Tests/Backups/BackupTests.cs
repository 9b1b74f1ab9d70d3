using Alidade.Storage.Backups;
using Alidade.Storage.Platform;
using Alidade.Storage.Platform.Postgres;
using Alidade.Storage.Platform.Sqlite;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Backups;

public sealed class BackupTests
{
    private const int Backups = 8;

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    /// <summary>
    /// A writer counts in series first and in core after it, as events are taken. At one instant core is never ahead, and
    /// series is ahead by one at most; copies made one after the other would break one of the two.
    /// </summary>
    [Fact]
    public async Task Both_databases_are_copied_as_of_one_instant_while_they_are_written()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Sub("data");
        Directory.CreateDirectory(data);
        await using var series = Open(data, "series");
        await using var core = Open(data, "core");
        foreach (var store in new[] { series, core })
        {
            await store.WriteAsync(tx => tx.Execute("CREATE TABLE counter (n BIGINT)"), cancellation: Limit);
            await store.WriteAsync(tx => tx.Execute("INSERT INTO counter VALUES (0)"), cancellation: Limit);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Limit);
        var counting = CountAsync(series, core, stop.Token);
        var seen = new HashSet<long>();
        for (var i = 0; i < Backups; i++)
        {
            var acknowledged = await core.ReadAsync(Counted, Limit);
            var backup = folder.Sub("backup");
            await new BackupWriter(backup, new SqliteBackup(data), "1", TimeProvider.System).WriteAsync(data, Limit);
            var restored = folder.Sub($"restored{i}");
            await new BackupReader(backup).RestoreAsync(restored, _ => Task.CompletedTask, Limit);

            await using var coreThen = Open(restored, "core");
            await using var seriesThen = Open(restored, "series");
            var (c, s) = (await coreThen.ReadAsync(Counted, Limit), await seriesThen.ReadAsync(Counted, Limit));
            Assert.InRange(s - c, 0, 1);
            Assert.True(c >= acknowledged, $"{c} of {acknowledged}");
            seen.Add(c);
        }

        await stop.CancelAsync();
        await counting;
        Assert.True(seen.Count > 1, "Nothing was written between the backups.");
    }

    [Fact]
    public async Task A_file_goes_along_unless_it_is_to_be_left_out()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Sub("data");
        Directory.CreateDirectory(data);
        await using var series = Open(data, "series");
        await using var core = Open(data, "core");
        await File.WriteAllTextAsync(Path.Combine(data, "secrets.key"), "key", Limit);
        foreach (var (leftOut, copied) in new[] { (Array.Empty<string>(), true), (["secrets.key"], false) })
        {
            var backup = folder.Sub(copied ? "with" : "without");
            var writer = new BackupWriter(backup, new SqliteBackup(data), "1", TimeProvider.System, leftOut);
            await writer.WriteAsync(data, Limit);
            var restored = backup + "-restored";
            await new BackupReader(backup).RestoreAsync(restored, _ => Task.CompletedTask, Limit);
            Assert.Equal(copied, File.Exists(Path.Combine(restored, "secrets.key")));
        }
    }

    [Fact]
    public async Task Postgres_is_dumped_and_restored_into_an_empty_database_only()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Sub("data");
        Directory.CreateDirectory(data);
        var (from, to) = (await PostgresServer.NewDatabaseAsync(), await PostgresServer.NewDatabaseAsync());
        await using (var store = PostgresStore.Open(from, "core", new MonotonicClock(TimeProvider.System)))
        {
            await store.WriteAsync(tx => tx.Execute("CREATE TABLE counter (n BIGINT)"), cancellation: Limit);
            await store.WriteAsync(tx => tx.Execute("INSERT INTO counter VALUES (42)"), cancellation: Limit);
        }

        var backup = folder.Sub("backup");
        await new BackupWriter(backup, new PostgresBackup(from), "1", TimeProvider.System).WriteAsync(data, Limit);
        var reader = new BackupReader(backup);
        await reader.RestoreAsync(folder.Sub("restored"), d => new PostgresBackup(to).RestoreAsync(d, Limit), Limit);
        var refused = await Assert.ThrowsAsync<BackupException>(() =>
            reader.RestoreAsync(folder.Sub("again"), d => new PostgresBackup(to).RestoreAsync(d, Limit), Limit)
        );

        Assert.Contains("not empty", refused.Message, StringComparison.Ordinal);
        await using var restored = PostgresStore.Open(to, "core", new MonotonicClock(TimeProvider.System));
        Assert.Equal(42, await restored.ReadAsync(Counted, Limit));
    }

    [Fact]
    public async Task An_unfinished_backup_leaves_the_earlier_one_whole()
    {
        using var folder = new TemporaryFolder();
        var (data, backup) = (folder.Sub("data"), folder.Sub("backup"));
        Directory.CreateDirectory(data);
        foreach (var store in new[] { "core", "series" })
        {
            await Open(data, store).DisposeAsync();
        }

        var writer = new BackupWriter(backup, new SqliteBackup(data), "1", TimeProvider.System);
        var (first, _) = await writer.WriteAsync(data, Limit);

        // A blob whose name is not its digest: the disk has lost what it held.
        var blob = Path.Combine(data, "blobs", "ab", "ab" + new string('0', 62));
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        File.WriteAllText(blob, "damaged");
        await Assert.ThrowsAsync<BackupException>(() => writer.WriteAsync(data, Limit));

        Assert.Equal(first.Taken, BackupManifest.Read(backup).Taken);
        await new BackupReader(backup).CheckAsync(Limit);
    }

    private static SqliteStore Open(string data, string store) =>
        SqliteStore.Open(
            Path.Combine(data, store + ".db"),
            store,
            new MonotonicClock(TimeProvider.System),
            e => throw new InvalidOperationException("The store broke.", e)
        );

    private static long Counted(ISession session) => session.Scalar<long>("SELECT n FROM counter");

    private static async Task CountAsync(IStore series, IStore core, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (var store in new[] { series, core })
            {
                await store.WriteAsync(tx => tx.Execute("UPDATE counter SET n = n + 1"), cancellation: Limit);
            }
        }
    }
}
