namespace Alidade.Server.Pages.Connect;

/// <summary>What a person pastes so that a script logs here.</summary>
/// <param name="Secret">A token that was made just now; it is shown once.</param>
/// <param name="Experiment">The experiment the page was opened from.</param>
public sealed record ConnectModel(string Server, string? Secret, int Days, string? Experiment, bool IsAnonymous)
{
    private const string Placeholder = "TOKEN";

    /// <summary>One command a line, for a shell.</summary>
    public string Lines =>
        string.Join(
            '\n',
            new[]
            {
                $"export MLFLOW_TRACKING_URI={Server}",
                IsAnonymous && Secret is null ? null : $"export MLFLOW_TRACKING_TOKEN={Secret ?? Placeholder}",
                Experiment is null ? null : $"export MLFLOW_EXPERIMENT_NAME={Quoted(Experiment)}",
            }.OfType<string>()
        );

    public static string Check =>
        "python -c \"import mlflow; r = mlflow.start_run(run_name='hello'); mlflow.log_metric('ok', 1); print(r.info.run_id)\"";

    public string Track =>
        $"alidade track --server {Server}{(Experiment is null ? "" : $" --experiment {Quoted(Experiment)}")} -- python train.py";

    private static string Quoted(string word) =>
        word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./".Contains(c, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
