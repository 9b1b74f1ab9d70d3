namespace Alidade.Server.Pages.Jobs;

/// <summary>
/// Which metrics stand first where there is not room for all: robustness is what this platform is about, a short name
/// (<c>loss</c>) says more of the whole than a long one, and one with a number (<c>loss_eps_0_050</c>) is one of many.
/// </summary>
internal static class MetricOrder
{
    private const int HeadStart = 12;
    private const int OneOfMany = 8;
    private const int AfterAll = 10_000;

    /// <summary>Smaller stands before greater.</summary>
    public static int Of(string name) =>
        name.Length
        - (name.Contains("robust", StringComparison.OrdinalIgnoreCase) ? HeadStart : 0)
        + (name.Any(char.IsAsciiDigit) ? OneOfMany : 0)
        + (IsOfMachine(name) ? AfterAll : 0);

    /// <summary>What a job takes of its machine says how it ran, not what came out of it.</summary>
    public static bool IsOfMachine(string name) => name.StartsWith("system/", StringComparison.Ordinal);
}
