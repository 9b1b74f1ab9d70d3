using System.Text.RegularExpressions;
using Alidade.Server.Platform.Input;

namespace Alidade.Server.Artifacts;

/// <summary>The address of an artifact: absolute, of a known scheme, and in its shortest form.</summary>
public sealed partial class ArtifactUriAttribute : RuleAttribute
{
    private const int Longest = 2000;

    private static readonly string[] Schemes =
    [
        "http",
        "https",
        "ftp",
        "ftps",
        "sftp",
        "file",
        "mlflow-artifacts",
        "s3",
    ];

    public override string? Check(object value)
    {
        var text = (string)value;
        if (Scheme().Match(text) is not { Success: true } match)
        {
            // The words that clients know.
            return "URL is not absolute";
        }

        return !Schemes.Contains(match.Groups["scheme"].Value.ToLowerInvariant())
                ? $"URL scheme '{match.Groups["scheme"].Value}' is not supported; use one of {string.Join(", ", Schemes)}."
            : text.Length > Longest ? $"Longer than maximum length {Longest}."
            : text.Any(char.IsControl) ? "URL contains control characters."
            : text.Split('/').Any(IsDots) ? "URL is not normalized; remove . and .. from its path."
            : null;
    }

    /// <summary>Also when written with percent signs, as some readers decode them.</summary>
    private static bool IsDots(string part) =>
        part.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase) is "." or "..";

    [GeneratedRegex("^(?<scheme>[A-Za-z][A-Za-z0-9+.-]*):/", RegexOptions.CultureInvariant)]
    private static partial Regex Scheme();
}
