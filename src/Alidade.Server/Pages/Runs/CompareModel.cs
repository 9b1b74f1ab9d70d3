using System.Globalization;
using Alidade.Server.Pages.Jobs;
using Alidade.Server.Pages.Parts;

namespace Alidade.Server.Pages.Runs;

/// <summary>Runs beside each other: what differs first.</summary>
public sealed record CompareModel(
    Address Address,
    Named Experiment,
    IReadOnlyList<RunItem> Items,
    IReadOnlyList<string> Columns
)
{
    public const int Most = 8;

    public IReadOnlyList<string> Charts { get; init; } = [];

    /// <summary>What is the same in all is hidden, unless it is asked for.</summary>
    public bool ShowsAll => Address["all"] == "1";

    public IReadOnlyList<string> Parameters => [.. Columns.Where(c => !RunSheet.IsNumber(c)).OrderBy(IsSame)];

    public IReadOnlyList<string> Numbers => [.. Columns.Where(RunSheet.IsNumber).OrderBy(IsSame)];

    public int Hidden => ShowsAll ? 0 : Columns.Count(c => !RunSheet.IsNumber(c) && IsSame(c));

    /// <summary>A parameter whose values are all numbers stands as numbers do.</summary>
    public bool IsNumeric(string column) =>
        Items
            .Select(item => item.Text(column))
            .OfType<string>()
            .All(value => double.TryParse(value, CultureInfo.InvariantCulture, out _));

    public bool IsSame(string column) => !Items.Select(item => item.Text(column)).Distinct().Skip(1).Any();

    /// <summary>Whether the value differs from the first run's.</summary>
    public bool Differs(RunItem item, string column) => item.Text(column) != Items[0].Text(column);

    /// <summary>How far it is from the first run's number.</summary>
    public double? Delta(RunItem item, string column) =>
        item != Items[0] && item.Real(column) - Items[0].Real(column) is { } delta && double.IsFinite(delta)
            ? delta
            : null;

    /// <summary>Where it lies between the least and the greatest.</summary>
    public double? Place(RunItem item, string column)
    {
        var values = Items.Select(i => i.Real(column)).OfType<double>().Where(double.IsFinite).ToList();
        if (item.Real(column) is not { } value || values.Count < 2 || !double.IsFinite(value))
        {
            return null;
        }

        var (low, high) = values.TrueForAll(v => v is >= 0 and <= 1) ? (0, 1) : (values.Min(), values.Max());
        return high > low ? (value - low) / (high - low) : null;
    }

    public double? Best(string column)
    {
        var values = Items.Select(i => i.Real(column)).OfType<double>().ToList();
        return values.Count < 2 || IsSame(column) ? null
            : RunSheet.IsLower(column) ? values.Min()
            : values.Max();
    }
}
