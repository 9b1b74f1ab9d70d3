using Alidade.Storage.Metrics;

namespace Alidade.Storage.Tests.Metrics;

public sealed class ChunkTests
{
    [Fact]
    public void Thinned_points_keep_peaks_gaps_and_ends()
    {
        var points = Enumerable.Range(0, 100_000).Select(i => new StoredPoint(i, 0, Math.Sin(i / 5000.0), i)).ToList();
        Set(41_234, 50);
        Set(77_777, -50);
        Set(60_001, double.NaN);
        Set(60_002, double.PositiveInfinity);
        foreach (
            var few in (List<StoredPoint>[])[Thinning.ByCount([.. points], 256), Thinning.ByWidth(points, false, 500)]
        )
        {
            Assert.InRange(few.Count, 250, 1600);
            Assert.Equal((0, 99_999), (few[0].Step, few[^1].Step));
            Assert.Equal(4, few.Intersect([points[41_234], points[77_777], points[60_001], points[60_002]]).Count());
            Assert.Equal(few.OrderBy(p => p.Step), few);
            Assert.Equal(few.Count, few.Distinct().Count());
        }

        void Set(int i, double value) => points[i] = points[i] with { Value = value };
    }

    [Fact]
    public void Chunks_divide_a_series_without_overlap()
    {
        var points = Enumerable.Range(0, 10_001).Select(i => new StoredPoint(i / 2, 0, i, i)).ToList();
        foreach (var fill in (bool[])[true, false])
        {
            var chunks = Chunk.Of("r", 0, points, fill).ToList();
            Assert.Equal(3, chunks.Count);
            Assert.All(chunks, c => Assert.InRange(c.Count, 1, Chunk.Most));
            Assert.Equal(points.Count, chunks.Sum(c => c.Count));
            Assert.Equal(3, SeriesBlocks.Overlapping(chunks).Count);
        }
    }

    /// <summary>Bytes of a series in chunks, what charts read of it included.</summary>
    internal static long Stored(List<StoredPoint> points) =>
        Chunk.Of("r", 0, points, fill: true).Sum(c => c.Body.Length + c.Thin.Length + RowOverhead);

    /// <summary>The other columns of a row and its place in the indexes, rounded up.</summary>
    private const int RowOverhead = 300;
}
