using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Metrics;

/// <summary>
/// Random batches with repetitions and in any order, compacted at any moment, read the same as a simple model: a
/// dictionary of points with the number of their latest arrival.
/// </summary>
public abstract class SeriesModelTests(ITestStore source, int rounds) : IAsyncLifetime
{
    private static readonly string[] Names = ["loss", "acc", "lr"];
    private static readonly double[] Odd = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, 0.0];

    private readonly Dictionary<string, Dictionary<PointPlace, (double Value, long Arrival)>> _model = [];
    private readonly Dictionary<string, long> _arrived = [];
    private IStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await source.OpenAsync("series");

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await source.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Reads_equal_a_simple_model_whatever_is_compacted_when()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var seen = Names.ToDictionary(name => name, _ => 0L);
        var sent = new List<MetricPoint[]>();
        for (var round = 0; round < rounds; round++)
        {
            var batch = Batch(random, sent, round);
            sent.Add(batch);
            await Append(batch);
            if (random.Next(4) == 0)
            {
                await Compaction.StepAsync(_store, "r");
            }

            if (random.Next(12) == 0)
            {
                await Check(random, seen);
            }
        }

        await Check(random, seen);
        while (await Compaction.StepAsync(_store, "r"))
        {
            await Check(random, seen);
        }

        Assert.Empty(await _store.ReadAsync(Compaction.Waiting));
    }

    [Fact]
    public async Task Disorder_is_merged_away()
    {
        var random = new Random(11);
        foreach (var part in Enumerable.Range(0, 40_000).OrderBy(_ => random.Next()).Chunk(1000))
        {
            await Append([.. part.Select(i => new MetricPoint("loss", i, i, i))]);
            await Compaction.StepAsync(_store, "r");
        }

        var heads = await _store.ReadAsync(s => ChunkTable.Heads(s, "r", 0));
        Assert.Equal(heads.Count, SeriesBlocks.Overlapping(heads).Count);
        Assert.InRange(heads.Count, 10, 30);
        var all = await _store.ReadAsync(s => MetricReader.All(s, "r", "loss"));
        Assert.Equal(Enumerable.Range(0, 40_000).Select(i => (double)i), all.Values);
    }

    [Fact]
    public async Task A_series_that_a_chart_can_draw_is_whole_although_its_points_came_twice()
    {
        MetricPoint[] batch = [.. Enumerable.Range(0, 60).Select(i => new MetricPoint("loss", i, i, i))];
        await Append(batch);
        await Compaction.StepAsync(_store, "r");
        await Append(batch);

        var chart = await _store.ReadAsync(s =>
            ChartReader.Read(s, "r", [MetricReader.Summary(s, "r", "loss")!], new ChartWindow(false, null, null, 100))
        );

        Assert.True(chart.Single().Whole);
        Assert.Equal(60, chart.Single().Points.Steps.Count);
    }

    [Fact]
    public async Task Two_servers_that_compact_the_same_run_do_it_once()
    {
        await Task.WhenAll(
            Enumerable
                .Range(0, 30)
                .Select(async i =>
                {
                    await Append([.. Enumerable.Range(0, 50).Select(k => new MetricPoint("loss", (i * 50) + k, k, i))]);
                    await Compaction.StepAsync(_store, "r");
                })
        );
        while (await Compaction.StepAsync(_store, "r"))
        {
            continue;
        }

        var all = await _store.ReadAsync(s => MetricReader.All(s, "r", "loss"));
        Assert.Equal(Enumerable.Range(0, 1500).Select(i => (long)i), all.Steps);
        var heads = await _store.ReadAsync(s => ChunkTable.Heads(s, "r", 0));
        Assert.Equal(1500, heads.Sum(h => h.Count));
    }

    /// <summary>Mostly the next steps; at times older ones, the same batch again, or other values at the same place.</summary>
    private static MetricPoint[] Batch(Random random, List<MetricPoint[]> sent, int round)
    {
        if (sent.Count > 0 && random.Next(5) == 0)
        {
            return sent[random.Next(sent.Count)];
        }

        var first = random.Next(4) == 0 ? random.Next(1 + (round * 40)) : round * 40;
        return
        [
            .. Enumerable
                .Range(0, random.Next(1, random.Next(12) == 0 ? 6000 : 200))
                .Select(i => new MetricPoint(
                    Names[random.Next(Names.Length)],
                    first + (i / 3),
                    random.Next(3) == 0 ? first : first + random.Next(5),
                    random.Next(20) == 0 ? Odd[random.Next(Odd.Length)] : random.Next(5)
                )),
        ];
    }

    private async Task Append(MetricPoint[] points)
    {
        await _store.WriteAsync(
            tx =>
            {
                MetricWriter.Append(tx, "r", points);
                return true;
            },
            Lane.Bulk
        );
        lock (_model)
        {
            foreach (var p in points)
            {
                var arrival = _arrived[p.Name] = _arrived.GetValueOrDefault(p.Name) + 1;
                if (!_model.TryGetValue(p.Name, out var series))
                {
                    _model[p.Name] = series = [];
                }

                series[new PointPlace(p.Step, p.Time, OrderedDouble.ToLong(p.Value))] = (p.Value, arrival);
            }
        }
    }

    private Task Check(Random random, Dictionary<string, long> seen) =>
        _store.ReadAsync(s =>
        {
            foreach (var (name, model) in _model)
            {
                var places = model.Keys.Order().ToList();
                Same(places, MetricReader.All(s, "r", name));
                Summary(MetricReader.Summary(s, "r", name)!, model);
                var after = places[random.Next(places.Count)];
                var limit = random.Next(1, 500);
                Same(
                    places.Where(p => p.CompareTo(after) > 0).Take(limit),
                    MetricReader.Page(s, "r", name, after, limit)
                );
                Same(
                    places
                        .OrderBy(p => (p.Time, p))
                        .Where(p => (p.Time, p).CompareTo((after.Time, after)) > 0)
                        .Take(limit),
                    MetricReader.PageByTime(s, "r", name, after, limit)
                );
                var last = places.GroupBy(p => p.Step).Select(step => step.MaxBy(p => model[p].Arrival));
                Same(last, MetricReader.LastByStep(s, "r", name));
                Charts(s, name, model, seen);
            }

            return true;
        });

    private static void Summary(SeriesSummary summary, Dictionary<PointPlace, (double Value, long Arrival)> model)
    {
        var last = model.MaxBy(m => (m.Key.Step, m.Key.Time, m.Value.Arrival)).Value;
        Assert.Equal(last.Value, summary.Last);
        var numbers = model.Values.Select(v => v.Value).Where(v => !double.IsNaN(v)).ToList();
        Assert.Equal(numbers.Count == 0 ? double.NaN : numbers.Min(), summary.Min);
        Assert.Equal(numbers.Count == 0 ? double.NaN : numbers.Max(), summary.Max);
    }

    /// <summary>A chart shows points of the series with its extremes; what came since the last look is what came since.</summary>
    private static void Charts(
        ISession s,
        string name,
        Dictionary<PointPlace, (double Value, long Arrival)> model,
        Dictionary<string, long> seen
    )
    {
        var summary = MetricReader.Summary(s, "r", name)!;
        var finite = model.Values.Select(v => v.Value).Where(double.IsFinite).ToList();
        foreach (var byTime in (bool[])[false, true])
        {
            foreach (var most in (int[])[8, 100, 100_000])
            {
                var chart = ChartReader.Read(s, "r", [summary], new ChartWindow(byTime, null, null, most)).Single();
                var drawn = Places(chart.Points).ToList();
                Assert.True(drawn.All(model.ContainsKey));
                Assert.Equal(drawn.Count, drawn.Distinct().Count());
                Assert.True(!chart.Whole || drawn.Count == model.Count);
                Assert.True(chart.Whole || most < model.Count);
                Assert.Equal(drawn.OrderBy(p => byTime ? p.Time : p.Step), drawn);
                if (finite.Count > 0)
                {
                    Assert.Equal(finite.Min(), chart.Points.Values.Where(double.IsFinite).Min());
                    Assert.Equal(finite.Max(), chart.Points.Values.Where(double.IsFinite).Max());
                }
            }
        }

        var all = new ChartWindow(false, null, null, int.MaxValue);
        Same(
            model.Where(m => m.Value.Arrival > seen[name]).Select(m => m.Key).Order(),
            ChartReader.Since(s, summary, seen[name], all).Points
        );
        seen[name] = summary.Count;
    }

    private static void Same(IEnumerable<PointPlace> expected, SeriesPoints points) =>
        Assert.Equal(expected, Places(points));

    private static IEnumerable<PointPlace> Places(SeriesPoints points) =>
        points.Steps.Select((step, i) => new PointPlace(step, points.Times[i], OrderedDouble.ToLong(points.Values[i])));
}

public sealed class SqliteSeriesModelTests() : SeriesModelTests(new SqliteTestStore(), rounds: 80);

public sealed class PostgresSeriesModelTests() : SeriesModelTests(new PostgresTestStore(), rounds: 40);
