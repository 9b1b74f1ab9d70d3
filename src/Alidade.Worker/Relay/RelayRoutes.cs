using System.Globalization;

namespace Alidade.Worker.Relay;

/// <summary>
/// What of a job's calls is passed on: tracking, and what is the job's own. The server's marks on its endpoints are the
/// exact list; this keeps everything else from reaching it with a credential at all.
/// </summary>
internal static class RelayRoutes
{
    /// <summary>
    /// The call with which Dioptra's client begins. It is answered here: whoever reaches this agent is known already.
    /// </summary>
    public static bool IsSignIn(string method, string path) =>
        method == "POST" && path.TrimEnd('/') == "/api/v1/auth/login";

    /// <param name="path">As the server decodes it, without dot segments.</param>
    public static bool Allows(string method, string path, long job)
    {
        if (path.Contains('\\') || path.Contains("..", StringComparison.Ordinal))
        {
            return false;
        }

        var own = job.ToString(CultureInfo.InvariantCulture);
        return path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["version"] or ["health"] => method == "GET",
            ["api" or "ajax-api", var version, var area, ..] when IsMlflow(version, area) => true,
            ["api", "v1", "jobs", var id, ..] => id == own,
            ["api", "v1", "experiments", _, "jobs", var id, ..] => id == own,
            ["api", "v1", "artifacts"] => method == "POST",
            _ => false,
        };
    }

    private static bool IsMlflow(string version, string area) =>
        version is "2.0" or "3.0" && area is "mlflow" or "mlflow-artifacts";
}
