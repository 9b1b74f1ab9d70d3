using System.Globalization;
using Alidade.Server.Pages.Parts;
using Alidade.Server.Workers;

namespace Alidade.Server.Pages.Queues;

/// <summary>
/// The last hour as lines with steps: a value holds until the next look. Where nobody looked for a while there is no line.
/// </summary>
/// <param name="Top">The value at the upper edge.</param>
/// <param name="Step">Between two lines of the grid.</param>
public sealed record CapacityPlot(CapacityView Hour, long Top, long Step)
{
    /// <summary>Units of the drawing: seconds across, pixels down.</summary>
    public const double Width = 3600;
    public const double Height = 96;

    /// <summary>One missed look may be a busy moment.</summary>
    private const double MissedAtMost = 2.5;

    public static CapacityPlot Of(CapacityView hour)
    {
        var most = Math.Max(4, hour.Used.Concat(hour.Slots).Concat(hour.Waiting).Max());
        var step = RoundSteps().First(step => step * 4 >= most);
        return new CapacityPlot(hour, (most + step - 1) / step * step, step);
    }

    public IEnumerable<long> Grid => Enumerable.Range(0, (int)(Top / Step) + 1).Select(i => i * Step);

    public double Y(double value) => Height - (value / Top * Height);

    public string Line(IReadOnlyList<long> values) => string.Concat(Runs().Select(run => Path(run, values)));

    public string Area(IReadOnlyList<long> values) =>
        string.Concat(Runs().Select(run => $"{Path(run, values)}V{Say.Px(Height)}H{Say.Px(X(run.First))}Z"));

    /// <summary>In words, for those who do not see it.</summary>
    public string Summary =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Slots over the last hour: now {Hour.Used[^1]} of {Hour.Slots[^1]} in use and {Hour.Waiting[^1]} jobs waiting; "
                + $"at most {Hour.Used.Max()} in use and {Hour.Waiting.Max()} waiting."
        );

    private static IEnumerable<long> RoundSteps()
    {
        for (long ten = 1; ; ten *= 10)
        {
            yield return ten;
            yield return 2 * ten;
            yield return 5 * ten;
        }
    }

    private double X(int index) => Math.Max(0, Width - ((Hour.Times[^1] - Hour.Times[index]) / 1e6));

    /// <summary>Looks that follow each other without a gap.</summary>
    private IEnumerable<(int First, int Last)> Runs()
    {
        var first = 0;
        for (var i = 1; i <= Hour.Times.Count; i++)
        {
            if (i == Hour.Times.Count || Hour.Times[i] - Hour.Times[i - 1] > MissedAtMost * Hour.IntervalSeconds * 1e6)
            {
                yield return (first, i - 1);
                first = i;
            }
        }
    }

    private string Path((int First, int Last) run, IReadOnlyList<long> values)
    {
        var path = $"M{Say.Px(X(run.First))} {Say.Px(Y(values[run.First]))}";
        for (var i = run.First + 1; i <= run.Last; i++)
        {
            path += $"H{Say.Px(X(i))}V{Say.Px(Y(values[i]))}";
        }

        return path;
    }
}
