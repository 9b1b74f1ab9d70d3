using System.Text.RegularExpressions;

namespace Alidade.Server.MLflow.Protocol;

/// <summary>Names and values of what is recorded, checked as MLflow checks them.</summary>
internal static partial class Keys
{
    public const int LongestKey = 250;
    public const int LongestParameter = 6000;
    public const int LongestTag = 8000;
    public const int LongestExperimentTag = 5000;

    /// <summary>A key may become a file name in a client: it must be a plain relative path.</summary>
    /// <param name="what">What a clash of lengths calls it: <c>Metric name</c>.</param>
    /// <param name="path">Where it stands in the request: <c>metrics[0].name</c>.</param>
    public static void Check(string key, string what, string path = "name")
    {
        if (!Plain().IsMatch(key))
        {
            throw MlflowException.WrongValue(
                path,
                PythonText.Json(key),
                "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/)."
            );
        }

        if (
            Normal(key) is var normal
            && (
                normal != key
                || normal == "."
                || normal.StartsWith("..", StringComparison.Ordinal)
                || normal.StartsWith('/')
            )
        )
        {
            throw MlflowException.WrongValue(
                path,
                PythonText.Json(key),
                "Names may be treated as files in certain cases, and must not resolve to other names when treated as such. "
                    + $"This name would resolve to {PythonText.Repr(normal)}"
            );
        }

        CheckLength(key, what, LongestKey);
    }

    public static void CheckLength(string text, string what, int most)
    {
        if (text.Length > most)
        {
            // The first half is what clients from 3.0 on look for, the second what those before do.
            throw MlflowException.Invalid(
                $"'{what}' exceeds the maximum length of {most} characters. {what} '{Fit(text, most)}' had length {text.Length}, which exceeded length limit of {most}"
            );
        }
    }

    /// <summary>What does not fit is cut, as MLflow's clients do by themselves.</summary>
    public static string Fit(string text, int most) => text.Length <= most ? text : text[..most];

    /// <summary>The path in its shortest form.</summary>
    private static string Normal(string path)
    {
        var rooted = path.StartsWith('/');
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "."))
            {
                if (part != ".." || !rooted)
                {
                    parts.Add(part);
                }
            }
        }

        var joined = (rooted ? "/" : "") + string.Join('/', parts);
        return joined.Length == 0 ? "." : joined;
    }

    [GeneratedRegex(@"\A[/\w.\- :]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();
}
