namespace Alidade.Storage.Metrics;

/// <summary>Fewer points of the same shape: the least and the greatest of each stretch stay, so no peak is lost.</summary>
public static class Downsampling
{
    /// <summary>At most about <paramref name="most"/> points; all of them when there are no more.</summary>
    public static SeriesPoints MinMax(SeriesPoints points, int most)
    {
        if (points.Count <= Math.Max(most, 4))
        {
            return points;
        }

        // Each stretch gives up to three points: its least, its greatest, and one that is no number.
        var stretches = Math.Max(1, (Math.Max(most, 4) - 2) / 2);
        var kept = new SortedSet<int> { 0, points.Count - 1 };
        for (var stretch = 0; stretch < stretches; stretch++)
        {
            var from = (int)((long)points.Count * stretch / stretches);
            var to = (int)((long)points.Count * (stretch + 1) / stretches);
            Keep(points.Values, from, to, kept);
        }

        return new SeriesPoints(
            [.. kept.Select(i => points.Steps[i])],
            [.. kept.Select(i => points.Times[i])],
            [.. kept.Select(i => points.Values[i])]
        );
    }

    private static void Keep(IReadOnlyList<double> values, int from, int to, SortedSet<int> kept)
    {
        int least = -1,
            greatest = -1,
            none = -1;
        for (var i = from; i < to; i++)
        {
            if (double.IsNaN(values[i]))
            {
                none = i;
                continue;
            }

            least = least < 0 || values[i] < values[least] ? i : least;
            greatest = greatest < 0 || values[i] > values[greatest] ? i : greatest;
        }

        foreach (var index in (ReadOnlySpan<int>)[least, greatest, none])
        {
            if (index >= 0)
            {
                kept.Add(index);
            }
        }
    }
}
