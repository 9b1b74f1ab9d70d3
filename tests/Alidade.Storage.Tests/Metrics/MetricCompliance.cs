using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Metrics;

public abstract class MetricCompliance(ITestStore source) : IAsyncLifetime
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
    public async Task Points_come_back_by_step_and_the_summary_agrees_with_them()
    {
        await Append("r", new("loss", 2, 20, 0.5), new("acc", -1, 5, 0.1), new("loss", 1, 10, 0.75));
        await Append("r", new("loss", 3, 30, double.NaN), new("loss", 3, 31, double.NegativeInfinity));
        await Append("other", new MetricPoint("loss", 9, 9, 9));

        var loss = await _store.ReadAsync(s => MetricReader.All(s, "r", "loss"));
        Assert.Equal([1, 2, 3, 3], loss.Steps);
        Assert.Equal([10, 20, 30, 31], loss.Times);
        Assert.Equal([0.75, 0.5, double.NaN, double.NegativeInfinity], loss.Values);
        var summaries = await _store.ReadAsync(s => MetricReader.Summaries(s, "r"));
        Assert.Equal(["acc", "loss"], summaries.Select(s => s.Name));
        var summary = summaries[1];
        Assert.Equal(
            (4, double.NegativeInfinity, 3, 31),
            (summary.Count, summary.Last, summary.LastStep, summary.LastTime)
        );
        Assert.Equal((double.NegativeInfinity, 0.75), (summary.Min, summary.Max));
    }

    [Fact]
    public async Task A_point_sent_twice_is_one_and_the_last_of_a_step_wins_for_dioptra()
    {
        await Append("r", new("m", 0, 1, 4.0), new("m", 0, 1, 4.0), new("m", 0, 1, double.NaN));
        await Append("r", new("m", 0, 1, double.NaN), new("m", 0, 2, 4.2));
        var all = await _store.ReadAsync(s => MetricReader.All(s, "r", "m"));
        Assert.Equal([4.0, double.NaN, 4.2], all.Values);
        var last = await _store.ReadAsync(s => MetricReader.LastByStep(s, "r", "m"));
        Assert.Equal([4.2], last.Values);
    }

    [Fact]
    public async Task No_batch_gets_the_id_of_one_that_is_gone()
    {
        var given = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            await Append("r", new MetricPoint("m", i, i, i));
            await Append("r", new MetricPoint("m", i, i + 10, i));
            given.AddRange(
                await _store.ReadAsync(s => s.Query<long>("SELECT id FROM segment WHERE run = 'r' ORDER BY id"))
            );
            Assert.True(await Compaction.StepAsync(_store, "r"));
            await _store.DisposeAsync();
            _store = await source.OpenAsync("series");
        }

        Assert.Equal(6, given.Distinct().Count());
        Assert.Equal(given.Order(), given);
    }

    [Fact]
    public async Task Batches_of_one_run_at_once_number_their_series_apart()
    {
        await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => Append("r", new($"a{i}", 0, 0, i), new($"b{i % 3}", i, i, i)))
        );
        var series = await _store.ReadAsync(s => MetricReader.Summaries(s, "r"));
        Assert.Equal(Enumerable.Range(0, 23), series.Select(s => s.Number).Order());
        Assert.Equal(7, (await _store.ReadAsync(s => MetricReader.All(s, "r", "b0"))).Count);
    }

    [Fact]
    public async Task A_run_has_no_more_series_than_it_may_and_those_it_has_go_on()
    {
        var first = await AppendWithin(2, new("a", 0, 0, 0), new("b", 0, 0, 1), new("c", 0, 0, 2), new("c", 1, 0, 3));
        var second = await AppendWithin(2, new("d", 0, 0, 0), new("a", 1, 1, 1));
        var third = await AppendWithin(2, new MetricPoint("e", 0, 0, 0));
        Assert.Equal([(2, "c"), (1, "d"), (1, "e")], new[] { first, second, third }.Select(l => (l.Count, l.Name)));
        Assert.Equal(LeftOut.Nothing, await AppendWithin(3, new MetricPoint("e", 0, 0, 7)));

        var series = await _store.ReadAsync(s => MetricReader.Summaries(s, "r"));
        Assert.Equal([("a", 2), ("b", 1), ("e", 1)], series.Select(s => (s.Name, (int)s.Count)));
        Assert.Equal([7], (await _store.ReadAsync(s => MetricReader.All(s, "r", "e"))).Values);

        await _store.WriteAsync(tx => EventCursor.Advance(tx, 7, "r", 0, 5, 100));
        Assert.True(await _store.WriteAsync(tx => EventCursor.LeaveOut(tx, 7, first.Count)));
        Assert.False(await _store.WriteAsync(tx => EventCursor.LeaveOut(tx, 7, second.Count)));

        Task<LeftOut> AppendWithin(int most, params MetricPoint[] points) =>
            _store.WriteAsync(tx => MetricWriter.Append(tx, "r", points, most), Lane.Bulk);
    }

    [Fact]
    public async Task A_batch_is_taken_once_by_its_cursor()
    {
        Assert.True(await _store.WriteAsync(tx => EventCursor.Advance(tx, 7, "r", 0, 5, 100)));
        Assert.False(await _store.WriteAsync(tx => EventCursor.Advance(tx, 7, "r", 0, 5, 100)));
        Assert.True(await _store.WriteAsync(tx => EventCursor.Advance(tx, 7, "r", 5, 6, 10)));
        Assert.Equal(
            new EventCursorRow { Acked = 6, Bytes = 110 },
            await _store.ReadAsync(s => EventCursor.Find(s, 7))
        );
    }

    private Task Append(string run, params MetricPoint[] points) =>
        _store.WriteAsync(
            tx =>
            {
                MetricWriter.Append(tx, run, points);
                return true;
            },
            Lane.Bulk
        );
}

public sealed class SqliteMetricTests() : MetricCompliance(new SqliteTestStore());

public sealed class PostgresMetricTests() : MetricCompliance(new PostgresTestStore());

public sealed class OrderedDoubleTests
{
    [Fact]
    public void Doubles_as_integers_keep_their_order()
    {
        double[] sorted =
        [
            double.NegativeInfinity,
            -1e300,
            -1,
            -double.Epsilon,
            0,
            double.Epsilon,
            1,
            double.PositiveInfinity,
        ];
        Assert.Equal(sorted, sorted.Select(OrderedDouble.ToLong).Order().Select(OrderedDouble.ToDouble));
        Assert.True(OrderedDouble.ToLong(double.NaN) > OrderedDouble.ToLong(double.PositiveInfinity));
        Assert.True(double.IsNaN(OrderedDouble.ToDouble(OrderedDouble.ToLong(double.NaN))));
    }
}
