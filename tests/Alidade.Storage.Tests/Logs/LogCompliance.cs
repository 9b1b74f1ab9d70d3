using Alidade.Storage.Logs;
using Alidade.Storage.Platform;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Logs;

public abstract class LogCompliance(ITestStore source) : IAsyncLifetime
{
    private IStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await source.OpenAsync("series");

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await source.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Lines_are_numbered_and_come_back_as_they_were_in_any_batches()
    {
        var random = new Random(1);
        var written = 0;
        while (written < 3000)
        {
            var count = Math.Min(random.Next(1, 200), 3000 - written);
            await Append([.. Enumerable.Range(written, count).Select(Line)]);
            written += count;
        }

        var read = new List<LogLine>();
        LogPage page;
        do
        {
            page = await _store.ReadAsync(s => LogStore.After(s, "r", read.Count, 700));
            read.AddRange(page.Lines);
        } while (!page.End);

        Assert.Equal(Enumerable.Range(0, 3000).Select(i => Line(i) with { Number = i + 1 }), read);
        Assert.Equal(3000, page.Last);
    }

    [Fact]
    public async Task A_filter_finds_its_lines_and_says_how_far_it_looked()
    {
        await Append([.. Enumerable.Range(0, 500).Select(Line)]);
        var found = await _store.ReadAsync(s =>
            LogStore.After(s, "r", 0, 3, l => l.Message.Contains("27", StringComparison.Ordinal), ["ERROR", "WARNING"])
        );
        Assert.All(found.Lines, l => Assert.Contains(l.Severity, (string[])["ERROR", "WARNING"]));
        Assert.Equal(3, found.Lines.Count);
        var rest = await _store.ReadAsync(s => LogStore.After(s, "r", 500, 3));
        Assert.Equal((0, 500, true), (rest.Lines.Count, rest.Last, rest.End));
        Assert.True((await _store.ReadAsync(s => LogStore.After(s, "nothing", 0, 3))).End);
    }

    [Fact]
    public async Task Slow_logs_do_not_become_many_chunks()
    {
        for (var i = 0; i < 300; i++)
        {
            await Append([Line(i)]);
        }

        Assert.InRange(await _store.ReadAsync(s => s.Scalar<long>("SELECT COUNT(*) FROM log_chunk")), 1, 4);
    }

    [Fact]
    public async Task Equal_lines_do_not_fill_a_chunk_without_end()
    {
        for (var i = 0; i < 20; i++)
        {
            await Append([.. Enumerable.Repeat(Line(0), 500)]);
        }

        Assert.InRange(await _store.ReadAsync(s => s.Scalar<long>("SELECT MAX(last - first) FROM log_chunk")), 1, 1999);
    }

    private static LogLine Line(int i) =>
        new(
            0,
            1_700_000_000_000_000 + (i * 1000),
            LogLine.Streams[i % 4],
            LogLine.Severities[i % 5],
            i % 3 == 0 ? "train" : null,
            i % 7 == 0 ? "my.logger" : null,
            i == 13 ? "" : $"line {i} ü\u0001" + new string('x', i % 50)
        );

    private Task<long> Append(IReadOnlyList<LogLine> lines) =>
        _store.WriteAsync(tx => LogStore.Append(tx, "r", lines), Lane.Bulk);
}

public sealed class SqliteLogTests() : LogCompliance(new SqliteTestStore());

public sealed class PostgresLogTests() : LogCompliance(new PostgresTestStore());
