using System.Buffers;
using System.Buffers.Binary;

namespace Alidade.Storage.Metrics;

/// <summary>Points of many series as columns, in the order of arrival.</summary>
internal sealed record Segment(int[] Series, long[] Steps, long[] Times, double[] Values)
{
    public int Count => Series.Length;

    public StoredPoint Point(int i, long arrival) => new(Steps[i], Times[i], Values[i], arrival);
}

/// <summary>
/// A batch of points as columns: series numbers, steps, times, each as differences in variable length, then values as
/// raw doubles. The first byte is the version of the format. Quick to write and to read; compaction makes it small.
/// </summary>
internal static class SegmentCodec
{
    private const byte Version = 1;

    /// <summary>Bytes of the longest difference of two numbers of series.</summary>
    private const int LongestNumber = 5;

    public static byte[] Encode(ReadOnlySpan<int> series, ReadOnlySpan<StoredPoint> points) =>
        Join(series, Columns(points));

    /// <summary>All but the numbers of the series.</summary>
    public static byte[] Columns(ReadOnlySpan<StoredPoint> points)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(points.Length * ((2 * VarInt.Longest) + sizeof(double)));
        var at = 0;
        long before = 0;
        foreach (var p in points)
        {
            WriteDifference(bytes, ref at, ref before, p.Step);
        }

        before = 0;
        foreach (var p in points)
        {
            WriteDifference(bytes, ref at, ref before, p.Time);
        }

        foreach (var p in points)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(at), p.Value);
            at += sizeof(double);
        }

        var columns = bytes.AsSpan(0, at).ToArray();
        ArrayPool<byte>.Shared.Return(bytes);
        return columns;
    }

    /// <summary>A segment of its two parts.</summary>
    public static byte[] Join(ReadOnlySpan<int> series, ReadOnlySpan<byte> columns)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(1 + VarInt.Longest + (series.Length * LongestNumber));
        bytes[0] = Version;
        var at = 1;
        VarInt.Write(bytes, ref at, (ulong)series.Length);
        long before = 0;
        foreach (var number in series)
        {
            WriteDifference(bytes, ref at, ref before, number);
        }

        byte[] joined = [.. bytes.AsSpan(0, at), .. columns];
        ArrayPool<byte>.Shared.Return(bytes);
        return joined;
    }

    public static Segment Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2 || bytes[0] != Version)
        {
            throw new InvalidDataException("A metric segment is damaged or of a later version.");
        }

        var at = 1;
        var count = (int)VarInt.Read(bytes, ref at);
        var series = Array.ConvertAll(ReadColumn(bytes, ref at, count), number => (int)number);
        var steps = ReadColumn(bytes, ref at, count);
        var times = ReadColumn(bytes, ref at, count);
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(at + (i * sizeof(double)))..]);
        }

        return new Segment(series, steps, times, values);
    }

    private static long[] ReadColumn(ReadOnlySpan<byte> bytes, ref int at, int count)
    {
        var values = new long[count];
        long now = 0;
        for (var i = 0; i < count; i++)
        {
            now += VarInt.Unfold(VarInt.Read(bytes, ref at));
            values[i] = now;
        }

        return values;
    }

    private static void WriteDifference(Span<byte> bytes, ref int at, ref long before, long value)
    {
        VarInt.Write(bytes, ref at, VarInt.Fold(value - before));
        before = value;
    }
}
