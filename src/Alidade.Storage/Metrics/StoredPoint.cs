using System.Runtime.InteropServices;

namespace Alidade.Storage.Metrics;

/// <summary>
/// A point as it is kept. Step, time and value together are its identity: a point that comes again is the same one, and
/// its arrival is the latest. They also are its place, so each point of a series has one of its own.
/// </summary>
/// <param name="Arrival">Orders the points of a series by when they came.</param>
internal readonly record struct StoredPoint(long Step, long Time, double Value, long Arrival)
{
    public PointPlace Place => new(Step, Time, OrderedDouble.ToLong(Value));
}

/// <summary>The place of a point in its series: by step, then time, then value.</summary>
/// <param name="Value">The value as <see cref="OrderedDouble"/>.</param>
public readonly record struct PointPlace(long Step, long Time, long Value) : IComparable<PointPlace>
{
    public int CompareTo(PointPlace other) =>
        Step != other.Step ? Step.CompareTo(other.Step)
        : Time != other.Time ? Time.CompareTo(other.Time)
        : Value.CompareTo(other.Value);
}

/// <summary>Points in their places, each once.</summary>
internal static class PointOrder
{
    /// <summary>Sorts, and keeps the latest arrival of a point that is there more than once.</summary>
    public static List<StoredPoint> Sort(List<StoredPoint> points)
    {
        if (HasStepForEach(CollectionsMarshal.AsSpan(points)))
        {
            return points;
        }

        if (!IsSorted(points))
        {
            points.Sort(
                static (a, b) =>
                    a.Step != b.Step ? a.Step.CompareTo(b.Step)
                    : a.Time != b.Time ? a.Time.CompareTo(b.Time)
                    : a.Place.CompareTo(b.Place) is not 0 and var order ? order
                    : a.Arrival.CompareTo(b.Arrival)
            );
        }

        var kept = 0;
        for (var i = 0; i < points.Count; i++)
        {
            kept += kept > 0 && points[kept - 1].Place == points[i].Place ? 0 : 1;
            points[kept - 1] = points[i];
        }

        points.RemoveRange(kept, points.Count - kept);
        return points;
    }

    /// <summary>Whether each point has a greater step than the one before, as those of most series do.</summary>
    private static bool HasStepForEach(ReadOnlySpan<StoredPoint> points)
    {
        for (var i = 1; i < points.Length; i++)
        {
            if (points[i - 1].Step >= points[i].Step)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What comes in order need not be sorted.</summary>
    private static bool IsSorted(List<StoredPoint> points)
    {
        for (var i = 1; i < points.Count; i++)
        {
            var (a, b) = (points[i - 1], points[i]);
            if (a.Step > b.Step || (a.Step == b.Step && (a.Time > b.Time || (a.Time == b.Time && !Follows(a, b)))))
            {
                return false;
            }
        }

        return true;

        static bool Follows(StoredPoint a, StoredPoint b) =>
            a.Place.CompareTo(b.Place) is var order && (order < 0 || (order == 0 && a.Arrival <= b.Arrival));
    }
}
