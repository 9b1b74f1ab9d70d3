namespace Alidade.Server.Pages.Parts;

/// <summary>A step as the rule of a job shows it: seconds since the job began.</summary>
public sealed record RuleSegment(string Name, double Start, double? End, string State);

/// <summary>The graduation under a job's rule: fine ticks, and labels at every few of them.</summary>
public sealed record RuleScale(double Length, double Tick, double Label)
{
    private static readonly (double Tick, double Label)[] Steps =
    [
        (0.01, 0.1),
        (0.02, 0.2),
        (0.05, 0.5),
        (0.1, 1),
        (0.2, 2),
        (0.5, 5),
        (1, 10),
        (2, 30),
        (5, 60),
        (10, 120),
        (30, 300),
        (60, 600),
        (120, 1800),
        (300, 3600),
        (600, 7200),
        (1800, 21_600),
        (3600, 43_200),
        (14_400, 86_400),
        (86_400, 604_800),
    ];

    /// <summary>A scale for a length in seconds with at most nine labels.</summary>
    public static RuleScale For(double seconds)
    {
        var length = Math.Max(0.05, seconds);
        var (tick, label) = Steps.FirstOrDefault(step => length / step.Label <= 9, Steps[^1]);
        return new RuleScale(Math.Ceiling(length / tick - 1e-9) * tick, tick, label);
    }

    public IEnumerable<double> Ticks => Enumerable.Range(0, (int)Math.Round(Length / Tick) + 1).Select(i => i * Tick);

    public IEnumerable<double> Labels =>
        Enumerable.Range(0, (int)Math.Floor(Length / Label + 1e-9) + 1).Select(i => i * Label);

    public int Every => (int)Math.Round(Label / Tick);

    /// <summary>Where a moment lies, as a percentage for an SVG attribute.</summary>
    public string At(double seconds) => Say.Percent(Math.Clamp(seconds / Length, 0, 1));

    public string Name(double seconds) => Label >= 1 ? Say.Clock(seconds) : $"{seconds:0.0#} s";
}
