using Alidade.Storage.Metrics;

namespace Alidade.Storage.Tests.Metrics;

/// <summary>What compaction packs comes out bit by bit, and long series become small.</summary>
public sealed class ChunkCodecTests
{
    private const long Begun = 1_790_000_000_000_000;

    private static readonly double[] Odd =
    [
        double.NaN,
        double.PositiveInfinity,
        double.NegativeInfinity,
        -0.0,
        0,
        double.Epsilon,
        double.MaxValue,
        double.MinValue,
        BitConverter.UInt64BitsToDouble(0xFFF8_0000_0000_1234),
    ];

    [Fact]
    public void Every_bit_comes_back()
    {
        var random = new Random(7);
        long[] steps = [long.MinValue, -1, 0, 0, 3, 3, 7, 1L << 40, long.MaxValue];
        long[] times = [long.MaxValue, 0, long.MinValue, 5, 1_000, 7_000, 9, Begun, -Begun];
        var odd = Odd.Select((v, i) => new StoredPoint(steps[i], times[i], v, random.Next())).ToList();
        foreach (
            var points in (List<StoredPoint>[])[odd, [odd[3]], Series(random, 4096, _ => random.NextDouble(), 1000, 1)]
        )
        {
            var back = new List<StoredPoint>();
            ChunkCodec.Decode(ChunkCodec.Encode([.. points]), back);
            Assert.Equal(points.Select(Bits), back.Select(Bits));
        }

        static (long, long, ulong, long) Bits(StoredPoint p) =>
            (p.Step, p.Time, BitConverter.DoubleToUInt64Bits(p.Value), p.Arrival);
    }

    [Fact]
    public void A_point_of_a_long_series_takes_at_most_eight_bytes()
    {
        var random = new Random(7);
        foreach (var (kind, most, value) in Kinds(random))
        {
            var size = ChunkTests.Stored(Series(random, 1 << 16, value, jitter: 5000, unit: 1000)) / (double)(1 << 16);
            TestContext.Current.TestOutputHelper!.WriteLine($"{kind}: {size:0.00} bytes a point");
            Assert.True(size <= most, $"{kind}: {size:0.00} bytes a point");
        }
    }

    /// <summary>What is logged in practice, and at the end what no code makes smaller.</summary>
    private static IEnumerable<(string Kind, double Most, Func<int, double> Value)> Kinds(Random random) =>
        [
            ("a constant", 1, _ => 0.001),
            ("a counter", 2, i => i * 32),
            ("a schedule", 8, i => 0.1 * (1 + Math.Cos(i / 1e5))),
            ("a loss in single precision", 6, i => (float)((2 / (1 + (i / 1e3))) + (random.NextDouble() * 0.1))),
            ("an accuracy of 10,000 samples", 8, i => random.Next(8000, 9000) / 10_000.0),
            ("a loss in double precision", 8, i => (2 / (1 + (i / 1e3))) + (random.NextDouble() * 0.1)),
        ];

    private static List<StoredPoint> Series(Random random, int count, Func<int, double> value, int jitter, int unit) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(i => new StoredPoint(
                    i,
                    Begun + (i * 100_000L) + (random.Next(jitter) / unit * unit),
                    value(i),
                    i
                )),
        ];
}
