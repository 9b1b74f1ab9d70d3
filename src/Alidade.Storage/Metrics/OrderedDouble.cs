namespace Alidade.Storage.Metrics;

/// <summary>
/// A double as an integer of the same order. Databases drop or reorder NaN and infinities; integers they keep, and sort.
/// </summary>
public static class OrderedDouble
{
    public static long ToLong(double value)
    {
        // All NaN become the one that sorts after infinity.
        var bits = BitConverter.DoubleToInt64Bits(double.IsNaN(value) ? BitConverter.Int64BitsToDouble(NaN) : value);
        return bits >= 0 ? bits : bits ^ long.MaxValue;
    }

    public static double ToDouble(long ordered) =>
        BitConverter.Int64BitsToDouble(ordered >= 0 ? ordered : ordered ^ long.MaxValue);

    private const long NaN = 0x7FF8_0000_0000_0000;
}
