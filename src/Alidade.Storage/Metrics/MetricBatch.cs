using System.Runtime.InteropServices;

namespace Alidade.Storage.Metrics;

/// <summary>
/// Points made ready to be added to a run: all of the work that needs no database, so that its only writer does the rest.
/// Never changed once it is made: a transaction may be tried again.
/// </summary>
public sealed class MetricBatch
{
    private MetricBatch(IReadOnlyList<MetricPoint> points)
    {
        Points = points;
        Which = new int[points.Count];
        var names = new List<string>();
        var gains = new List<SeriesTotals>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        // Of each series the one whose point followed the last time: scripts log theirs in rounds.
        var followers = new List<int>();
        var stored = new StoredPoint[points.Count];
        var before = 0;
        for (var i = 0; i < stored.Length; i++)
        {
            var point = points[i];
            var place = i > 0 && names[followers[before]] == point.Name ? followers[before] : Place(point.Name);
            followers[before] = place;
            Which[i] = before = place;
            gains[place].Add(point);
            stored[i] = new StoredPoint(point.Step, point.Time, point.Value, 0);
            (MinStep, MaxStep) = (Math.Min(MinStep, point.Step), Math.Max(MaxStep, point.Step));
        }

        Names = [.. names];
        Gains = [.. gains];
        Columns = SegmentCodec.Columns(stored);

        int Place(string name)
        {
            ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(places, name, out var known);
            if (!known)
            {
                place = names.Count;
                names.Add(name);
                gains.Add(new SeriesTotals());
                followers.Add(place);
            }

            return place;
        }
    }

    public static MetricBatch Of(IReadOnlyList<MetricPoint> points) => new(points);

    internal IReadOnlyList<MetricPoint> Points { get; }

    /// <summary>The different names.</summary>
    internal string[] Names { get; }

    /// <summary>What each of them gains.</summary>
    internal SeriesTotals[] Gains { get; }

    /// <summary>Which of the names each point has.</summary>
    internal int[] Which { get; }

    internal long MinStep { get; } = long.MaxValue;

    internal long MaxStep { get; } = long.MinValue;

    /// <summary>The segment but for the numbers of the series, which the run gives them.</summary>
    internal byte[] Columns { get; }
}

/// <summary>What is known of points of one series without looking at them again. NaN is neither least nor greatest.</summary>
internal sealed class SeriesTotals
{
    public long Count { get; private set; }
    public long LastStep { get; private set; }
    public long LastTime { get; private set; }
    public double Last { get; private set; }
    public double Min { get; private set; } = double.NaN;
    public double Max { get; private set; } = double.NaN;

    public void Add(in MetricPoint point)
    {
        if (Count == 0 || point.Step > LastStep || (point.Step == LastStep && point.Time >= LastTime))
        {
            (Last, LastStep, LastTime) = (point.Value, point.Step, point.Time);
        }

        Count++;
        Min = double.MinNumber(Min, point.Value);
        Max = double.MaxNumber(Max, point.Value);
    }
}
