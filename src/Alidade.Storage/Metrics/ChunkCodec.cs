using System.Buffers;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Alidade.Storage.Metrics;

/// <summary>
/// The points of a chunk, small: four columns of 64-bit numbers (steps, times and arrivals as differences, values as the
/// bits that change from one to the next), laid out byte by byte of equal weight, so that what repeats lies together, and
/// compressed with Brotli. A regular step, a regular time and the arrival of points that came in order cost next to
/// nothing; of a value the bits that are noise remain. The first byte is the version of the format.
/// </summary>
internal static class ChunkCodec
{
    private const byte Version = 1;
    private const int Columns = 4;
    private const int Planes = sizeof(ulong);

    /// <summary>Better ones save a few percent and take many times as long.</summary>
    private const int Quality = 3;

    private const int Window = 18;

    /// <summary>Version, count, first step, time and arrival, and the unit of times.</summary>
    private const int LongestHead = 1 + (5 * VarInt.Longest);

    public static byte[] Encode(ReadOnlySpan<StoredPoint> points)
    {
        var unit = TimeUnit(points);
        var head = new byte[LongestHead];
        head[0] = Version;
        var at = 1;
        VarInt.Write(head, ref at, (ulong)points.Length);
        VarInt.Write(head, ref at, VarInt.Fold(points[0].Step));
        VarInt.Write(head, ref at, VarInt.Fold(points[0].Time));
        VarInt.Write(head, ref at, VarInt.Fold(points[0].Arrival));
        VarInt.Write(head, ref at, (ulong)unit);
        var plain = ArrayPool<byte>.Shared.Rent(points.Length * Columns * Planes);
        var packed = ArrayPool<byte>.Shared.Rent(
            BrotliEncoder.GetMaxCompressedLength(points.Length * Columns * Planes)
        );
        try
        {
            Arrange(points, unit, plain);
            var size = points.Length * Columns * Planes;
            if (!BrotliEncoder.TryCompress(plain.AsSpan(0, size), packed, out var length, Quality, Window))
            {
                throw new InvalidOperationException("A chunk of metrics could not be compressed.");
            }

            return [.. head.AsSpan(0, at), .. packed.AsSpan(0, length)];
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
            ArrayPool<byte>.Shared.Return(packed);
        }
    }

    /// <summary>Adds the points of a chunk to <paramref name="to"/>.</summary>
    public static void Decode(ReadOnlySpan<byte> bytes, List<StoredPoint> to)
    {
        if (bytes.Length < 2 || bytes[0] != Version)
        {
            throw new InvalidDataException("A chunk of metrics is damaged or of a later version.");
        }

        var at = 1;
        var count = (int)VarInt.Read(bytes, ref at);
        var step = VarInt.Unfold(VarInt.Read(bytes, ref at));
        var time = VarInt.Unfold(VarInt.Read(bytes, ref at));
        var arrival = VarInt.Unfold(VarInt.Read(bytes, ref at));
        var unit = (long)VarInt.Read(bytes, ref at);
        var size = count * Columns * Planes;
        var plain = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            if (!BrotliDecoder.TryDecompress(bytes[at..], plain.AsSpan(0, size), out var length) || length != size)
            {
                throw new InvalidDataException("A chunk of metrics is damaged.");
            }

            var start = to.Count;
            CollectionsMarshal.SetCount(to, start + count);
            Restore(
                plain.AsSpan(0, size),
                unit,
                new StoredPoint(step, time, 0, arrival),
                CollectionsMarshal.AsSpan(to)[start..]
            );
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
        }
    }

    private static void Arrange(ReadOnlySpan<StoredPoint> points, long unit, Span<byte> plain)
    {
        var count = points.Length;
        var numbers = ArrayPool<ulong>.Shared.Rent(Columns * count);
        try
        {
            var before = points[0];
            ulong bits = 0;
            for (var i = 0; i < count; i++)
            {
                var point = points[i];
                var now = BitConverter.DoubleToUInt64Bits(point.Value);
                numbers[i] = VarInt.Fold(unchecked(point.Step - before.Step));
                numbers[count + i] = VarInt.Fold(unchecked(point.Time - before.Time) / unit);
                numbers[(2 * count) + i] = VarInt.Fold(point.Arrival - before.Arrival);
                numbers[(3 * count) + i] = now ^ bits;
                (before, bits) = (point, now);
            }

            for (var column = 0; column < Columns; column++)
            {
                Spread(numbers.AsSpan(column * count, count), plain.Slice(column * Planes * count, Planes * count));
            }
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(numbers);
        }
    }

    private static void Restore(ReadOnlySpan<byte> plain, long unit, StoredPoint before, Span<StoredPoint> points)
    {
        var count = points.Length;
        var numbers = ArrayPool<ulong>.Shared.Rent(Columns * count);
        try
        {
            for (var column = 0; column < Columns; column++)
            {
                Gather(plain.Slice(column * Planes * count, Planes * count), numbers.AsSpan(column * count, count));
            }

            var (step, time, arrival, bits) = (before.Step, before.Time, before.Arrival, 0UL);
            for (var i = 0; i < count; i++)
            {
                unchecked
                {
                    step += VarInt.Unfold(numbers[i]);
                    time += VarInt.Unfold(numbers[count + i]) * unit;
                    arrival += VarInt.Unfold(numbers[(2 * count) + i]);
                    bits ^= numbers[(3 * count) + i];
                }

                points[i] = new StoredPoint(step, time, BitConverter.UInt64BitsToDouble(bits), arrival);
            }
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(numbers);
        }
    }

    /// <summary>The planes of a column, one after the other: to write a byte into each by turns would miss the cache.</summary>
    private static void Spread(ReadOnlySpan<ulong> numbers, Span<byte> planes)
    {
        for (var plane = 0; plane < Planes; plane++)
        {
            var bytes = planes.Slice(plane * numbers.Length, numbers.Length);
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)(numbers[i] >> (8 * plane));
            }
        }
    }

    /// <summary>The numbers of a column; most of its planes are empty and cost a glance.</summary>
    private static void Gather(ReadOnlySpan<byte> planes, Span<ulong> numbers)
    {
        numbers.Clear();
        for (var plane = 0; plane < Planes; plane++)
        {
            var bytes = planes.Slice(plane * numbers.Length, numbers.Length);
            if (!bytes.ContainsAnyExcept((byte)0))
            {
                continue;
            }

            for (var i = 0; i < bytes.Length; i++)
            {
                numbers[i] |= (ulong)bytes[i] << (8 * plane);
            }
        }
    }

    /// <summary>What every difference of times is a multiple of: clients that log milliseconds leave three digits empty.</summary>
    private static long TimeUnit(ReadOnlySpan<StoredPoint> points)
    {
        long unit = 0;
        for (var i = 1; i < points.Length && unit != 1; i++)
        {
            var difference = unchecked(points[i].Time - points[i - 1].Time);
            // A difference that wraps around is none that a unit could divide.
            if (difference == long.MinValue || (points[i].Time >= points[i - 1].Time) != (difference >= 0))
            {
                return 1;
            }

            unit = Divisor(unit, difference < 0 ? -difference : difference);
        }

        return unit == 0 ? 1 : unit;
    }

    private static long Divisor(long a, long b)
    {
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return a;
    }
}
