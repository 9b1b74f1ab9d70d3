using System.Globalization;
using Alidade.Storage.Platform;
using Alidade.Storage.Platform.Migrations;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Platform;

/// <summary>What every store promises, whatever database is behind it.</summary>
public abstract class StoreCompliance(ITestStore source) : IAsyncLifetime
{
    private const string Insert = "INSERT INTO thing (id, name) VALUES (@Id, @Name)";

    private IStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await source.OpenAsync();
        await _store.WriteAsync(t =>
            t.Execute("CREATE TABLE thing (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE)")
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await source.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_reopening()
    {
        await Task.WhenAll(Enumerable.Range(1, 200).Select(i => Add(i, i % 2 == 0 ? Lane.Bulk : Lane.Control)));
        await _store.DisposeAsync();

        _store = await source.OpenAsync();

        Assert.Equal(200, await Count());
    }

    [Theory]
    [InlineData("UPDATE migration SET digest = 'other' WHERE name LIKE '0002%'", "is not the one that was applied")]
    [InlineData("INSERT INTO migration VALUES ('core', '9999_later', 'd', 1)", "newer Alidade")]
    public async Task A_schema_of_another_build_is_refused_with_what_to_do(string change, string said)
    {
        await _store.WriteAsync(t => t.Execute(change));

        var refused = await Assert.ThrowsAsync<MigrationException>(() => source.OpenAsync());

        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exception_undoes_only_its_own_command()
    {
        var good = Enumerable.Range(1, 50).Select(i => Add(i)).ToList();
        var bad = Assert.ThrowsAsync<InvalidOperationException>(() =>
            _store.WriteAsync<int>(t =>
            {
                t.Execute(Insert, new { Id = 1000L, Name = "half" });
                throw new InvalidOperationException("no");
            })
        );
        await Task.WhenAll([.. good, bad]);

        Assert.Equal(50, await Count());
    }

    [Fact]
    public async Task A_broken_unique_rule_is_told_apart_and_leaves_nothing()
    {
        await Add(1);

        await Assert.ThrowsAsync<UniqueViolationException>(() =>
            _store.WriteAsync(t =>
            {
                t.Execute(Insert, new { Id = 2L, Name = "second" });
                return t.Execute(Insert, new { Id = 3L, Name = "thing 1" });
            })
        );

        Assert.Equal(1, await Count());
    }

    [Fact]
    public async Task What_nobody_waits_for_runs_in_its_order_and_is_kept()
    {
        var (one, two) = await _store.WriteAsync(t =>
        {
            t.Send(Insert, new { Id = 1L, Name = "sent" });
            var one = t.Ask<long>("SELECT COUNT(*) FROM thing");
            t.Send(Insert, new { Id = 2L, Name = "sent too" });
            Assert.Equal(1, t.Execute("UPDATE thing SET name = 'changed' WHERE id = 2"));
            t.Send(Insert, new { Id = 3L, Name = "last" });
            return (one, t.Ask<Thing>("SELECT * FROM thing WHERE id >= @Least ORDER BY id", new { Least = 2L }));
        });

        Assert.Equal(1, one.First);
        Assert.Equal(["changed", "last"], two.Rows.Select(t => t.Name));
        Assert.Equal(3, await Count());
    }

    [Fact]
    public async Task A_refused_write_that_nobody_waits_for_fails_its_command()
    {
        await Add(1);

        await Assert.ThrowsAsync<UniqueViolationException>(() =>
            _store.WriteAsync(t =>
            {
                t.Send(Insert, new { Id = 2L, Name = "second" });
                t.Send(Insert, new { Id = 3L, Name = "thing 1" });
                return 0;
            })
        );

        Assert.Equal(1, await Count());
    }

    [Fact]
    public async Task An_id_reserved_after_a_lock_is_newer_than_what_the_lock_waited_for()
    {
        await Add(1);
        var given = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(Take)));
        Assert.Equal(given.OrderBy(g => g.Turn).Select(g => g.Id), given.Select(g => g.Id).Order());

        Task<(long Turn, long Id)> Take() =>
            _store.WriteAsync(t =>
            {
                var row = t.Ask<long>(
                    "SELECT id FROM thing WHERE id < 1000 " + (t.Dialect == Dialect.Postgres ? "FOR UPDATE" : "")
                );
                t.Reserve(Sequence.Snapshot);
                _ = row.First;
                var id = t.NextId(Sequence.Snapshot);
                t.Send(
                    "INSERT INTO thing (id, name) SELECT MAX(id) + 1000, @Name FROM thing",
                    new { Name = $"id {id}" }
                );
                return (t.Scalar<long>("SELECT MAX(id) FROM thing"), id);
            });
    }

    [Fact]
    public async Task Ids_and_times_only_grow_and_are_never_given_twice()
    {
        var given = await Task.WhenAll(
            Enumerable.Range(0, 100).Select(_ => _store.WriteAsync(t => (Id: t.NextId(Sequence.Resource), t.Now)))
        );

        Assert.Equal(100, given.Select(g => g.Id).Distinct().Count());
        Assert.Equal(100, given.Select(g => g.Now).Distinct().Count());
        var before = given.Max(g => g.Id);
        await _store.DisposeAsync();
        _store = await source.OpenAsync();
        Assert.True(await _store.WriteAsync(t => t.NextId(Sequence.Resource)) > before);
    }

    [Fact]
    public async Task A_guarded_update_lets_one_of_many_through()
    {
        await Add(1);

        var changed = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(i =>
                    _store.WriteAsync(t =>
                        t.Execute(
                            "UPDATE thing SET name = @New WHERE id = 1 AND name = 'thing 1'",
                            new { New = $"won {i}" }
                        )
                    )
                )
        );

        Assert.Equal(1, changed.Sum());
    }

    [Fact]
    public async Task A_read_sees_one_moment_and_rows_map_to_records()
    {
        await Add(7);

        var (rows, count) = await _store.ReadAsync(s =>
            (
                s.Query<Thing>("SELECT id, name FROM thing WHERE id = ANY(@Ids)", new { Ids = new long[] { 7, 8 } }),
                Count(s)
            )
        );

        Assert.Equal([new Thing { Id = 7, Name = "thing 7" }], rows);
        Assert.Equal(1, count);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("a", 1)]
    [InlineData("äöü€\U0001F600", 700)]
    public async Task Values_come_back_as_they_were_stored(string text, int length)
    {
        var value = new Value
        {
            Name = string.Concat(Enumerable.Repeat(text, length)),
            Body = new byte[length],
            Flag = length > 0,
            Share = length / 3.0,
            Count = length > 0 ? -length : null,
        };
        var body = _store.Dialect == Dialect.Sqlite ? "BLOB" : "BYTEA";

        var read = await _store.WriteAsync(t =>
        {
            t.Execute(
                $"CREATE TABLE value (name TEXT NOT NULL, body {body} NOT NULL, flag BOOLEAN, share FLOAT, count INTEGER)"
            );
            t.Execute("INSERT INTO value VALUES (@Name, @Body, @Flag, @Share, @Count)", value);
            return t.First<Value>("SELECT * FROM value WHERE name = ANY(@Names)", new { Names = new[] { value.Name } });
        });

        Assert.Equal(value, read! with { Body = value.Body });
        Assert.Equal(value.Body, read.Body);
    }

    [Fact]
    public async Task A_cancelled_write_leaves_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _store.WriteAsync(t => t.Execute(Insert, new { Id = 1L, Name = "x" }), cancellation: cancelled.Token)
        );

        Assert.Equal(0, await Count());
    }

    [Fact]
    public async Task Many_processes_may_open_an_empty_database_at_once()
    {
        await using var another = (ITestStore)Activator.CreateInstance(source.GetType())!;

        var stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => another.OpenAsync())));

        foreach (var store in stores)
        {
            Assert.True(await store.ReadAsync(s => s.Scalar<long>("SELECT COUNT(*) FROM migration")) > 0);
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_remembered_answer_is_read_again_only_when_something_was_written()
    {
        var reads = 0;
        await using var store = await source.OpenAsync(time: new FakeTime());
        var names = new Remembered<long, string>(
            store,
            (s, id) =>
            {
                Interlocked.Increment(ref reads);
                return s.First<string>("SELECT name FROM thing WHERE id = @id", new { id });
            }
        );

        Assert.Null(await names.GetAsync(1, default, recent: true));
        await store.WriteAsync(t => t.Execute(Insert, new { Id = 1L, Name = "thing 1" }));
        Assert.Equal("thing 1", await names.GetAsync(1, default, recent: true));
        Assert.Equal("thing 1", await names.GetAsync(1, default, recent: true));
        Assert.Equal(2, reads);
        await store.WriteAsync(t => t.Execute("DELETE FROM thing"));
        Assert.Null(await names.GetAsync(1, default, recent: true));
    }

    [Fact]
    public async Task A_remembered_answer_holds_all_that_was_acknowledged_before_it_was_asked_for()
    {
        await Add(0);
        var counts = new Remembered<string, string>(
            _store,
            (s, _) => s.First<string>("SELECT name FROM thing WHERE id = 0")
        );
        var acknowledged = 0;
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(ReadAsync)).ToList();

        for (var i = 1; i <= 300; i++)
        {
            await _store.WriteAsync(t =>
                t.Execute("UPDATE thing SET name = @Name WHERE id = 0", new { Name = $"{i}" })
            );
            Volatile.Write(ref acknowledged, i);
        }

        await Task.WhenAll(readers);

        async Task ReadAsync()
        {
            for (int before; (before = Volatile.Read(ref acknowledged)) < 300; )
            {
                var read = await counts.GetAsync("", default, recent: true);
                Assert.True(before == 0 || int.Parse(read!, CultureInfo.InvariantCulture) >= before);
            }
        }
    }

    private Task Add(int i, Lane lane = Lane.Control) =>
        _store.WriteAsync(t => t.Execute(Insert, new { Id = (long)i, Name = $"thing {i}" }), lane);

    private Task<long> Count() => _store.ReadAsync(Count);

    private static long Count(ISession session) => session.Scalar<long>("SELECT COUNT(*) FROM thing");

    private sealed record Value
    {
        public string Name { get; init; } = "";
        public byte[] Body { get; init; } = [];
        public bool Flag { get; init; }
        public double Share { get; init; }
        public int? Count { get; init; }
    }

    private sealed record Thing
    {
        public long Id { get; init; }

        public string Name { get; init; } = "";
    }
}

public sealed class SqliteStoreTests() : StoreCompliance(new SqliteTestStore())
{
    [Fact]
    public async Task A_file_so_large_that_readers_map_it_is_read_as_it_is_written()
    {
        const int Rows = 80;
        await using var source = new SqliteTestStore();
        await using (var before = await source.OpenAsync())
        {
            await before.WriteAsync(t => t.Execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, body BLOB)"));
            for (var i = 0; i < Rows; i++)
            {
                await before.WriteAsync(t => t.Execute("INSERT INTO thing (body) VALUES (zeroblob(1048576))"));
            }
        }

        await using var store = await source.OpenAsync();
        var mapped = await store.ReadAsync(s => (Size(s), s.Scalar<long>("PRAGMA mmap_size")));
        await store.WriteAsync(t => t.Execute("INSERT INTO thing (body) VALUES (zeroblob(1048576))"));
        var after = await store.ReadAsync(Size);

        Assert.Equal(Rows << 20, mapped.Item1);
        Assert.True(mapped.Item2 > Rows << 20);
        Assert.Equal((Rows + 1) << 20, after);
    }

    private static long Size(ISession s) => s.Scalar<long>("SELECT SUM(LENGTH(body) + INSTR(body, x'01')) FROM thing");
}

public sealed class PostgresStoreTests() : StoreCompliance(new PostgresTestStore())
{
    [Fact]
    public async Task What_another_server_wrote_is_seen_at_once_or_within_a_second_as_asked_for()
    {
        await using var database = new PostgresTestStore();
        var time = new FakeTime();
        await using var here = await database.OpenAsync(time: time);
        await using var there = await database.OpenAsync(time: time);
        await here.WriteAsync(t =>
            t.Execute("CREATE TABLE word (text TEXT NOT NULL)") + t.Execute("INSERT INTO word VALUES ('old')")
        );
        var words = new Remembered<string, string>(here, (s, _) => s.First<string>("SELECT text FROM word"));

        Assert.Equal("old", await words.GetAsync("", default, recent: true));
        await there.WriteAsync(t => t.Execute("UPDATE word SET text = 'new'"));

        Assert.Equal("old", await words.GetAsync("", default, recent: true));
        Assert.Equal("new", await words.GetAsync("", default));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("new", await words.GetAsync("", default, recent: true));
    }
}
