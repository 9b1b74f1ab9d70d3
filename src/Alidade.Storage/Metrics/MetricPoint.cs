using System.Runtime.InteropServices;

namespace Alidade.Storage.Metrics;

/// <summary>A number of a named series. Time is in microseconds.</summary>
public readonly record struct MetricPoint(string Name, long Step, long Time, double Value);

/// <summary>Points for which a run had no room.</summary>
/// <param name="Name">One of the series they would have begun.</param>
public readonly record struct LeftOut(int Count, string Name)
{
    public static LeftOut Nothing { get; } = new(0, "");
}

/// <summary>What lists and tables show of a series.</summary>
/// <param name="Count">How many points have come, repetitions counted too: it only grows, and orders them by arrival.</param>
/// <param name="Last">The value with the greatest step, then time, then arrival.</param>
/// <param name="Min">Least value that is a number; NaN when none is.</param>
public sealed record SeriesSummary(
    string Run,
    string Name,
    int Number,
    long Count,
    double Last,
    long LastStep,
    long LastTime,
    double Min,
    double Max
);

/// <summary>Points of one series by step.</summary>
public sealed record SeriesPoints(IReadOnlyList<long> Steps, IReadOnlyList<long> Times, IReadOnlyList<double> Values)
{
    public static SeriesPoints Empty { get; } = new([], [], []);

    public int Count => Steps.Count;

    /// <summary>The first ones.</summary>
    public SeriesPoints Take(int count) =>
        count >= Count ? this : new([.. Steps.Take(count)], [.. Times.Take(count)], [.. Values.Take(count)]);

    internal static SeriesPoints Of(List<StoredPoint> points)
    {
        var stored = CollectionsMarshal.AsSpan(points);
        var (steps, times, values) = (new long[stored.Length], new long[stored.Length], new double[stored.Length]);
        for (var i = 0; i < stored.Length; i++)
        {
            (steps[i], times[i], values[i]) = (stored[i].Step, stored[i].Time, stored[i].Value);
        }

        return new SeriesPoints(steps, times, values);
    }
}
