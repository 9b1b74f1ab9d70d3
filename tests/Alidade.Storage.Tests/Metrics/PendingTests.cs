using Alidade.Storage.Metrics;

namespace Alidade.Storage.Tests.Metrics;

public sealed class PendingTests
{
    [Theory]
    [InlineData(4, 10_000)]
    [InlineData(200, 200)]
    [InlineData(40_000, 1)]
    public void The_points_of_many_series_take_no_more_memory_than_those_of_few(int series, int each)
    {
        var numbers = Enumerable.Range(0, series * each).Select(i => i % series).ToArray();
        var points = numbers.Select((number, i) => new StoredPoint(i / series, i, number, 0)).ToArray();
        SegmentRow[] rows = [new() { Count = points.Length, Body = SegmentCodec.Encode(numbers, points) }];

        var before = GC.GetAllocatedBytesForCurrentThread();
        var found = Pending.BySeries(rows, number => number);
        var taken = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(series, found.Count);
        Assert.All(found, of => Assert.Equal((each, (double)of.Key), (of.Value.Count, of.Value[^1].Value)));
        Assert.InRange(taken, 0, 40L << 20);
    }
}
