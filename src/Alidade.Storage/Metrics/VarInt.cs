namespace Alidade.Storage.Metrics;

/// <summary>Integers in as few bytes as they need; signed ones folded so that small ones stay short.</summary>
internal static class VarInt
{
    /// <summary>Bytes of the longest.</summary>
    public const int Longest = 10;

    public static ulong Fold(long value) => (ulong)((value << 1) ^ (value >> 63));

    public static long Unfold(ulong folded) => (long)(folded >> 1) ^ -(long)(folded & 1);

    public static void Write(Span<byte> bytes, ref int at, ulong value)
    {
        while (value >= 0x80)
        {
            bytes[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        bytes[at++] = (byte)value;
    }

    public static ulong Read(ReadOnlySpan<byte> bytes, ref int at)
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
