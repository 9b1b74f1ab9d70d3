using System.Globalization;
using Alidade.Client;

namespace Alidade.Tracking;

/// <summary>The variables through which MLflow and our own clients inside the command find its run.</summary>
internal static class TrackedEnvironment
{
    private const string RunId = "ALIDADE_RUN_ID";
    private const string Server = "ALIDADE_SERVER";

    /// <summary>The run of the command that began this one, where that is recorded on the same server.</summary>
    public static string? RunAround(Uri server) =>
        Environment.GetEnvironmentVariable(RunId) is { Length: > 0 } run
        && Environment.GetEnvironmentVariable(Server) is var other
        && (other is null || other.TrimEnd('/') == Address(server))
            ? run
            : null;

    /// <returns>A null value takes a variable away.</returns>
    public static IReadOnlyDictionary<string, string?> Of(
        Uri server,
        RunRecord record,
        Run? run,
        Connection? connection,
        Spool spool
    )
    {
        var all = new Dictionary<string, string?>
        {
            [RunId] = record.Id,
            ["MLFLOW_RUN_ID"] = record.Id,
            // Of another server or experiment; MLflow would refuse the run.
            ["MLFLOW_EXPERIMENT_NAME"] = null,
            ["MLFLOW_TRACKING_USERNAME"] = null,
            ["MLFLOW_TRACKING_PASSWORD"] = null,
        };
        if (Environment.GetEnvironmentVariable("PYTHONUNBUFFERED") is null)
        {
            // Into a pipe Python would write only every few kilobytes, and nothing would be live.
            all["PYTHONUNBUFFERED"] = "1";
        }

        if (run is null || connection is null)
        {
            all["MLFLOW_TRACKING_URI"] = new Uri(spool.Mlruns).ToString();
            all["MLFLOW_EXPERIMENT_ID"] = "0";
            all["MLFLOW_TRACKING_TOKEN"] = null;
            return all;
        }

        var address = Address(server);
        all["MLFLOW_TRACKING_URI"] = address;
        all["MLFLOW_TRACKING_TOKEN"] = connection.Token;
        all["MLFLOW_EXPERIMENT_ID"] = run.Experiment.ToString(CultureInfo.InvariantCulture);
        all[Server] = address;
        all["ALIDADE_API"] = address;
        all["ALIDADE_TOKEN"] = connection.Token;
        return all;
    }

    private static string Address(Uri server) => server.GetLeftPart(UriPartial.Path).TrimEnd('/');
}
