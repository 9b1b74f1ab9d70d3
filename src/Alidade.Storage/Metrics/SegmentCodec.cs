using System.Buffers.Binary;

namespace Alidade.Storage.Metrics;

/// <summary>
/// A batch of points as columns: series numbers, steps, times, each as differences in variable length, then values as
/// raw doubles. The first byte is the version of the format.
/// </summary>
internal static class SegmentCodec
{
    private const byte Version = 1;

    public static byte[] Encode(ReadOnlySpan<(int Series, long Step, long Time, double Value)> points)
    {
        var bytes = new byte[1 + 10 + (points.Length * (10 + 10 + 10 + 8))];
        bytes[0] = Version;
        var at = 1;
        WriteVar(bytes, ref at, (ulong)points.Length);
        long before = 0;
        foreach (var p in points)
        {
            WriteDifference(bytes, ref at, ref before, p.Series);
        }

        before = 0;
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

        return bytes[..at];
    }

    /// <summary>Calls back for the points of one series, in the order of arrival.</summary>
    public static void Decode(ReadOnlySpan<byte> bytes, int series, Action<long, long, double> point)
    {
        if (bytes.Length < 2 || bytes[0] != Version)
        {
            throw new InvalidDataException("A metric segment is damaged or of a later version.");
        }

        var at = 1;
        var count = (int)ReadVar(bytes, ref at);
        var wanted = new bool[count];
        ReadColumn(bytes, ref at, count, (i, value) => wanted[i] = value == series);
        var steps = new long[count];
        ReadColumn(bytes, ref at, count, (i, value) => steps[i] = value);
        var times = new long[count];
        ReadColumn(bytes, ref at, count, (i, value) => times[i] = value);
        for (var i = 0; i < count; i++)
        {
            if (wanted[i])
            {
                point(
                    steps[i],
                    times[i],
                    BinaryPrimitives.ReadDoubleLittleEndian(bytes[(at + (i * sizeof(double)))..])
                );
            }
        }
    }

    private static void ReadColumn(ReadOnlySpan<byte> bytes, ref int at, int count, Action<int, long> value)
    {
        long now = 0;
        for (var i = 0; i < count; i++)
        {
            var difference = ReadVar(bytes, ref at);
            now += (long)(difference >> 1) ^ -(long)(difference & 1);
            value(i, now);
        }
    }

    private static void WriteDifference(Span<byte> bytes, ref int at, ref long before, long value)
    {
        var difference = value - before;
        before = value;
        WriteVar(bytes, ref at, (ulong)((difference << 1) ^ (difference >> 63)));
    }

    private static void WriteVar(Span<byte> bytes, ref int at, ulong value)
    {
        while (value >= 0x80)
        {
            bytes[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        bytes[at++] = (byte)value;
    }

    private static ulong ReadVar(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
