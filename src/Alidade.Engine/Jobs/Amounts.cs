using System.Globalization;

namespace Alidade.Engine.Jobs;

/// <summary>Amounts of memory as people write them.</summary>
public static class Amounts
{
    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("KiB", 1L << 10),
        ("MiB", 1L << 20),
        ("GiB", 1L << 30),
        ("TiB", 1L << 40),
        ("KB", 1000),
        ("MB", 1000_000),
        ("GB", 1000_000_000),
        ("TB", 1000_000_000_000),
        ("B", 1),
        ("", 1),
    ];

    /// <summary>Exactly this many, in the largest binary unit that needs no fraction.</summary>
    public static string Text(long bytes)
    {
        var (unit, size) = Units.Take(4).LastOrDefault(u => bytes % u.Bytes == 0, ("", 1));
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / size}{unit}");
    }

    /// <summary>About this many, in the unit that leaves a short number.</summary>
    public static string Readable(long bytes)
    {
        var (unit, size) = Units.Take(4).LastOrDefault(u => Math.Abs(bytes) >= u.Bytes, ("B", 1));
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)size:0.#} {unit}");
    }

    /// <summary>Bytes of <c>512MiB</c>, <c>16GB</c> or a plain number; null when the text is no amount.</summary>
    public static long? Bytes(string text)
    {
        text = text.Trim();
        var (unit, bytes) = Units.First(u => text.EndsWith(u.Unit, StringComparison.OrdinalIgnoreCase));
        return
            double.TryParse(
                text[..^unit.Length],
                NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture,
                out var number
            )
            && number * bytes < 1L << 50
            ? (long)(number * bytes)
            : null;
    }
}
