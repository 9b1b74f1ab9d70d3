namespace Alidade.Bench.Measuring;

/// <summary>A number, how it came about, and what stands beside it.</summary>
/// <param name="Value">The median where there are many, otherwise the number itself.</param>
/// <param name="Best">The least: what the machine can do in a quiet moment, where others use it too.</param>
/// <param name="Count">How many were measured.</param>
/// <param name="Floor">The same work without the product, in the same run and unit.</param>
/// <param name="Expected">What issue and design ask for, as a text.</param>
internal sealed record Measure(
    string Name,
    string Unit,
    double Value,
    double? Best = null,
    double? P99 = null,
    int Count = 1,
    double? Floor = null,
    string? Expected = null
)
{
    public double? Ratio => Floor is { } floor and > 0 ? Value / floor : null;

    /// <summary>Median, least and 99th percentile (nearest rank) of <paramref name="values"/>.</summary>
    public static Measure Of(
        string name,
        string unit,
        IEnumerable<double> values,
        double? floor = null,
        string? expected = null
    )
    {
        var ordered = values.Order().ToArray();
        return new Measure(
            name,
            unit,
            Rank(ordered, 0.5),
            ordered[0],
            Rank(ordered, 0.99),
            ordered.Length,
            floor,
            expected
        );
    }

    private static double Rank(double[] ordered, double share) =>
        ordered[Math.Clamp((int)Math.Ceiling(share * ordered.Length) - 1, 0, ordered.Length - 1)];
}
