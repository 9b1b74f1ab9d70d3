using System.Globalization;
using Alidade.Server.Pages.Jobs;

namespace Alidade.Server.Pages.Runs;

/// <summary>Jobs and runs side by side: which values are columns.</summary>
/// <param name="Same">Parameters that are the same in all and therefore hidden.</param>
/// <param name="More">Columns for which there is no room.</param>
public sealed record RunSheet(
    IReadOnlyList<RunItem> Rows,
    IReadOnlyList<string> Parameters,
    IReadOnlyList<string> Metrics,
    int Same,
    int More
)
{
    private const int MostParameters = 8;
    private const int MostMetrics = 6;

    /// <param name="chosen">The columns to show; null for those that tell most.</param>
    public static RunSheet Of(IReadOnlyList<RunItem> rows, IReadOnlyList<string> columns, IReadOnlyList<string>? chosen)
    {
        if (chosen is not null)
        {
            return new RunSheet(
                rows,
                [.. chosen.Where(c => !IsNumber(c))],
                [.. chosen.Where(IsNumber)],
                Same: 0,
                More: 0
            );
        }

        var parameters = columns.Where(IsParameter).ToList();
        // What most rows have comes before what few have.
        var differing = parameters
            .Where(name => rows.Count < 2 || rows.Select(row => row.Text(name)).Distinct().Skip(1).Any())
            .OrderByDescending(IsCommon)
            .ToList();
        var metrics = columns
            .Where(c => IsNumber(c) && rows.Any(row => row.Real(c) is not null))
            .OrderByDescending(IsCommon)
            .ThenBy(c => MetricOrder.Of(Short(c)))
            .ToList();
        var first = metrics.Where(c => !MetricOrder.IsOfMachine(Short(c))).Take(MostMetrics).ToList();
        return new RunSheet(
            rows,
            [.. differing.Take(MostParameters)],
            first,
            parameters.Count - differing.Count,
            Math.Max(0, differing.Count - MostParameters) + metrics.Count - first.Count
        );

        bool IsCommon(string column) => rows.Count(row => row.Text(column) is not null) * 2 >= rows.Count;
    }

    /// <summary>What stands above the columns that are no numbers: a chosen one may be a tag, or the queue.</summary>
    public string Heading =>
        Parameters.All(IsParameter) ? "Parameters"
        : Parameters.Any(IsParameter) ? "Parameters and properties"
        : "Properties";

    private static bool IsParameter(string column) => column.StartsWith("params.", StringComparison.Ordinal);

    /// <summary>The name without what it is of: that stands above it.</summary>
    public static string Short(string column) =>
        IsParameter(column) || column.StartsWith("metrics.", StringComparison.Ordinal)
            ? column[(column.IndexOf('.', StringComparison.Ordinal) + 1)..]
            : column;

    /// <summary>Columns of numbers stand below Metrics.</summary>
    public static bool IsNumber(string column) =>
        column.Split('.', 2)[0] is "metrics" or "min" or "max" or "results" or "duration";

    /// <summary>A column whose values are all numbers stands right-aligned.</summary>
    public bool IsNumeric(string column) =>
        Rows.Select(row => row.Text(column))
            .Where(v => v is not null)
            .All(v => double.TryParse(v, CultureInfo.InvariantCulture, out _));

    /// <summary>A metric whose values are all fractions has a scale beside each.</summary>
    private bool IsFraction(string metric) =>
        Rows.Select(row => row.Real(metric)).OfType<double>().ToList() is { Count: > 0 } values
        && values.All(v => v is >= 0 and <= 1);

    /// <summary>The one metric with a scale beside its values: the sorted one, else the first fraction.</summary>
    public string? Scaled(string? sortedBy) =>
        sortedBy is not null && Metrics.Contains(sortedBy) && IsFraction(sortedBy)
            ? sortedBy
            : Metrics.FirstOrDefault(IsFraction);

    /// <summary>The values of a column have as many decimals as each other.</summary>
    public bool IsWhole(string metric) =>
        Rows.Select(row => row.Real(metric)).OfType<double>().All(v => v == Math.Floor(v));

    public double? Best(string metric)
    {
        var values = Rows.Select(row => row.Real(metric)).OfType<double>().ToList();
        return values.Count < 2 ? null
            : IsLower(metric) ? values.Min()
            : values.Max();
    }

    /// <summary>Of losses and errors the least is the best.</summary>
    public static bool IsLower(string metric) =>
        metric.Contains("loss", StringComparison.OrdinalIgnoreCase)
        || metric.Contains("error", StringComparison.OrdinalIgnoreCase);
}
