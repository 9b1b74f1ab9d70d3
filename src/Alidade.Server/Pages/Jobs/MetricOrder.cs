namespace Alidade.Server.Pages.Jobs;

/// <summary>
/// Which metrics stand first where there is not room for all: robustness is what this platform is about, and a short
/// name (<c>loss</c>) says more of the whole than a long one (<c>attack_loss_eps_0_050</c>).
/// </summary>
internal static class MetricOrder
{
    private const int LettersOfHeadStart = 12;

    public static int Of(string name) =>
        name.Length - (name.Contains("robust", StringComparison.OrdinalIgnoreCase) ? LettersOfHeadStart : 0);
}
