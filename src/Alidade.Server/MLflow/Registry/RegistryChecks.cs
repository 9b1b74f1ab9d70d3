using System.Text.RegularExpressions;
using Alidade.Server.MLflow.Protocol;

namespace Alidade.Server.MLflow.Registry;

/// <summary>What the registry takes.</summary>
internal static partial class RegistryChecks
{
    private const int LongestTag = 100_000;
    private const int LongestName = 255;

    public static void Name(string name)
    {
        if (
            string.IsNullOrWhiteSpace(name)
            || name is "." or ".."
            || name.Any(c => c is ':' or '/' || char.IsControl(c))
        )
        {
            throw MlflowException.Invalid(
                $"Invalid model name: {PythonText.Repr(name)}. A name has something to see, no colon and no slash, and is not "
                    + "'.' or '..'."
            );
        }

        Keys.CheckLength(name, "Registered model name", LongestName);
    }

    public static void Tag(string key, string? value)
    {
        Keys.Check(key, "Registered model tag key", "key");
        Keys.CheckLength(value ?? "", "Registered model tag value", LongestTag);
    }

    public static void Alias(string alias)
    {
        if (!AliasText().IsMatch(alias))
        {
            throw MlflowException.Invalid(
                $"Invalid alias name: {PythonText.Repr(alias)}. Names may only contain alphanumerics, underscores (_), and dashes (-), at most 255."
            );
        }

        if (alias.Equals("latest", StringComparison.OrdinalIgnoreCase) || VersionText().IsMatch(alias))
        {
            throw MlflowException.Invalid($"Version alias name '{alias}' is reserved.");
        }
    }

    /// <summary>A client never names a path of the server.</summary>
    public static void Source(string source)
    {
        var scheme = SchemeText().Match(source).Groups[1].Value.ToLowerInvariant();
        if (scheme is "" or "file")
        {
            throw MlflowException.Invalid(
                $"Invalid model version source: '{source}'. To use a local path as a model version source, the run_id "
                    + "request parameter has to be specified and the local path has to be contained within the artifact "
                    + "directory of the run specified by the run_id."
            );
        }

        if (scheme is "models" or "runs")
        {
            return;
        }

        var rest = Uri.UnescapeDataString(source[(scheme.Length + 1)..].Split('?', '#')[0]);
        var path = rest.StartsWith("//", StringComparison.Ordinal) ? rest[2..] : rest;
        if (!path.Contains('/', StringComparison.Ordinal) || path.Split('/').Contains("..") || path.Any(char.IsControl))
        {
            throw MlflowException.Invalid(
                $"Invalid model version source: '{source}'. If supplying a source as an http, https, local file path, ftp, "
                    + "objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path "
                    + "references present. Please provide an absolute path."
            );
        }
    }

    [GeneratedRegex(@"\A[\w\-]{1,255}\z", RegexOptions.CultureInvariant)]
    private static partial Regex AliasText();

    [GeneratedRegex(@"\Av\d+\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex VersionText();

    [GeneratedRegex(@"\A([A-Za-z][A-Za-z0-9+.\-]+):", RegexOptions.CultureInvariant)]
    private static partial Regex SchemeText();
}
