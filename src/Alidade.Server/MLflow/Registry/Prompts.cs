namespace Alidade.Server.MLflow.Registry;

/// <summary>Prompts of clients from 2.20 on: models with a tag that says so, whose versions have the text in another tag.</summary>
internal static class Prompts
{
    public const string Tag = "mlflow.prompt.is_prompt";

    /// <summary>A prompt has no files: its source is a word that stands for nothing, or an address.</summary>
    public static void CheckSource(string source)
    {
        var isWord = !source.Contains(':', StringComparison.Ordinal) && !source.StartsWith('/');
        if (!isWord)
        {
            RegistryChecks.Source(source);
        }
    }
}
