using System.Globalization;

namespace Alidade.Server.Pages.Parts;

/// <summary>Numbers and times as the pages say them; <c>format.ts</c> says them the same way.</summary>
internal static class Say
{
    public const string Nothing = "–";

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>How long: 0.4 s, 42 s, 2:14, 1:02:05.</summary>
    public static string Duration(double seconds) =>
        seconds switch
        {
            < 9.95 => seconds.ToString("0.0", Invariant) + " s",
            < 59.95 => seconds.ToString("0", Invariant) + " s",
            _ => Clock(seconds),
        };

    public static string Clock(double seconds)
    {
        var whole = (long)Math.Max(0, seconds);
        var (hours, minutes, rest) = (whole / 3600, whole % 3600 / 60, whole % 60);
        return hours > 0 ? $"{hours}:{minutes:00}:{rest:00}" : $"{minutes}:{rest:00}";
    }

    public static string Ago(double seconds) =>
        seconds switch
        {
            < 5 => "just now",
            < 60 => $"{(int)seconds} s ago",
            < 3600 => $"{(int)(seconds / 60)} min ago",
            < 86_400 => $"{(int)(seconds / 3600)} h ago",
            < 2 * 86_400 => "yesterday",
            _ => $"{(int)(seconds / 86_400)} days ago",
        };

    public static string Count(long value) => value.ToString("#,0", Invariant);

    /// <summary>1 job, 2 jobs.</summary>
    public static string Count(long value, string noun) => $"{Count(value)} {noun}{(value == 1 ? "" : "s")}";

    /// <param name="value">What was recorded.</param>
    /// <param name="whole">False where a whole number stands among others that are not: it gets their decimals.</param>
    public static string Metric(double value, bool whole = true)
    {
        var size = Math.Abs(value);
        var text =
            double.IsNaN(value) ? "NaN"
            : double.IsInfinity(value) ? (value > 0 ? "∞" : "-∞")
            : whole && value == Math.Floor(value) && size < 1e9 ? value.ToString("#,0", Invariant)
            : size is (> 0 and < 1e-3) or >= 1e6 ? value.ToString("0.000e+0", Invariant)
            : value.ToString(size < 10 ? "0.0000" : "0.00", Invariant);
        return text.Replace('-', '−');
    }

    public static string Bytes(long size)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB"];
        var value = (double)size;
        var unit = 0;
        for (; value >= 1000 && unit < units.Length - 1; unit++)
        {
            value /= 1000;
        }

        return $"{value.ToString(unit == 0 || value >= 100 ? "0" : "0.0", Invariant)} {units[unit]}";
    }

    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", Invariant) + " UTC";

    public static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd", Invariant);

    public static string TimeOfDay(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm:ss", Invariant);

    public static long Microseconds(DateTimeOffset at) =>
        (at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset At(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>A length for an SVG attribute.</summary>
    public static string Px(double value) => value.ToString("0.##", Invariant);

    public static string Percent(double fraction) => (fraction * 100).ToString("0.###", Invariant) + "%";
}
