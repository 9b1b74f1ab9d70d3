using System.Globalization;

namespace Alidade.Tracking;

/// <summary>
/// A folder in the form of MLflow's file store, with the one run in it: so that MLflow inside a command that has no server
/// finds its run and keeps what it logs.
/// </summary>
internal static class Mlruns
{
    private const string Experiment = "0";

    public static void Create(string folder, RunRecord run)
    {
        var experiment = Path.Combine(folder, Experiment);
        var home = Path.Combine(experiment, run.Id);
        foreach (var part in new[] { "metrics", "params", "tags", "artifacts" })
        {
            Directory.CreateDirectory(Path.Combine(home, part));
        }

        var started = (run.Started / 1000).ToString(CultureInfo.InvariantCulture);
        var name = run.Name ?? run.Id;
        File.WriteAllText(
            Path.Combine(experiment, "meta.yaml"),
            $"""
            artifact_location: {new Uri(experiment)}
            creation_time: {started}
            experiment_id: '{Experiment}'
            last_update_time: {started}
            lifecycle_stage: active
            name: Default

            """
        );
        File.WriteAllText(
            Path.Combine(home, "meta.yaml"),
            $"""
            artifact_uri: {new Uri(Path.Combine(home, "artifacts"))}
            end_time: null
            entry_point_name: ''
            experiment_id: '{Experiment}'
            lifecycle_stage: active
            run_id: {run.Id}
            run_name: '{name.Replace("'", "''", StringComparison.Ordinal)}'
            run_uuid: {run.Id}
            source_name: ''
            source_type: 4
            source_version: ''
            start_time: {started}
            status: 1
            tags: []
            user_id: ''

            """
        );
        File.WriteAllText(Path.Combine(home, "tags", "mlflow.runName"), name);
    }
}
