using System.Runtime.InteropServices;

namespace Alidade.Storage.Metrics;

/// <summary>
/// Fewer points that draw the same line: of each stretch the first, the least, the greatest and the last, and one of each
/// kind that is no finite number. All are points of the series, so a peak stays where and as high as it was, and what was
/// thinned may be thinned again.
/// </summary>
internal static class Thinning
{
    /// <summary>Points that a stretch gives, unless some are no finite numbers.</summary>
    public const int Kept = 4;

    /// <summary>Of every <paramref name="stretch"/> points those that draw it.</summary>
    public static List<StoredPoint> ByCount(ReadOnlySpan<StoredPoint> points, int stretch)
    {
        var kept = new List<StoredPoint>((points.Length / stretch * Kept) + Kept);
        for (var from = 0; from < points.Length; from += stretch)
        {
            Keep(points, from, Math.Min(from + stretch, points.Length), kept);
        }

        return kept;
    }

    /// <summary>At most about <paramref name="most"/> points, in stretches that are equally wide on the axis of a chart.</summary>
    /// <param name="points">Sorted along that axis.</param>
    public static List<StoredPoint> ByWidth(List<StoredPoint> points, bool time, int most)
    {
        if (points.Count <= most)
        {
            return points;
        }

        var stretches = Math.Max(1, most / Kept);
        var low = At(points[0], time);
        var width = Math.Max((At(points[^1], time) - low) / stretches, double.Epsilon);
        var kept = new List<StoredPoint>(most);
        for (int from = 0, to; from < points.Count; from = to)
        {
            var stretch = Math.Floor((At(points[from], time) - low) / width);
            for (to = from + 1; to < points.Count && Math.Floor((At(points[to], time) - low) / width) <= stretch; )
            {
                to++;
            }

            Keep(CollectionsMarshal.AsSpan(points), from, to, kept);
        }

        return kept;
    }

    private static double At(StoredPoint point, bool time) => time ? point.Time : point.Step;

    private static void Keep(ReadOnlySpan<StoredPoint> points, int from, int to, List<StoredPoint> kept)
    {
        int least = -1,
            greatest = -1,
            none = -1,
            above = -1,
            below = -1;
        for (var i = from; i < to; i++)
        {
            var value = points[i].Value;
            if (double.IsFinite(value))
            {
                least = least < 0 || value < points[least].Value ? i : least;
                greatest = greatest < 0 || value > points[greatest].Value ? i : greatest;
            }
            else if (double.IsNaN(value))
            {
                none = none < 0 ? i : none;
            }
            else if (value > 0)
            {
                above = above < 0 ? i : above;
            }
            else
            {
                below = below < 0 ? i : below;
            }
        }

        Span<int> chosen = [from, least, greatest, none, above, below, to - 1];
        chosen.Sort();
        var last = -1;
        foreach (var i in chosen)
        {
            if (i > last)
            {
                kept.Add(points[i]);
                last = i;
            }
        }
    }
}
