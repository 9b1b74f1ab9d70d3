using System.Text;
using System.Text.RegularExpressions;
using Alidade.Server.MLflow.Protocol;

namespace Alidade.Server.MLflow.Artifacts;

/// <summary>
/// A path below the artifact root: the group, which is only for people to read, then the run, then the file. Nothing
/// of it ever becomes a path on the server's disk.
/// </summary>
/// <param name="Owner">The run.</param>
/// <param name="Path">Within its artifacts; empty for all of them.</param>
internal sealed partial record ArtifactPath(string Owner, string Path)
{
    /// <exception cref="MlflowException">It is no plain relative path.</exception>
    public static string Check(string path)
    {
        var decoded = Decode(path);
        var isSafe =
            !decoded.StartsWith('/')
            && !decoded.Contains('\\', StringComparison.Ordinal)
            && !decoded.Contains('#', StringComparison.Ordinal)
            && !decoded.Contains('\0', StringComparison.Ordinal)
            && !decoded.Split('/').Contains("..")
            && !Drive().IsMatch(decoded);
        return isSafe ? path : throw MlflowException.Invalid("Invalid path");
    }

    /// <summary>
    /// The name that a path gets: MLflow's clients decode each name that they read in a listing before they ask for
    /// it, so that only decoded ones are found again. What would then be a control character stays encoded.
    /// </summary>
    public static string Canonical(string path) =>
        string.Concat(Decode(path).Select(c => c is < ' ' or '\u007f' ? $"%{(int)c:x2}" : c.ToString()));

    /// <summary>Whose file the path names; null when it names nobody's.</summary>
    public static ArtifactPath? Parse(string path)
    {
        var parts = Check(path).Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".").ToArray();
        var at = Array.FindIndex(parts, RunId().IsMatch);
        return at >= 0 && at + 1 < parts.Length && parts[at + 1] == "artifacts"
            ? new ArtifactPath(parts[at], string.Join('/', parts[(at + 2)..]))
            : null;
    }

    /// <summary>Where a file is put that a client gives this path.</summary>
    public ArtifactPath ToWrite() => this with { Path = Canonical(Path) };

    private static string Decode(string path)
    {
        for (var before = ""; before != path; )
        {
            before = path;
            path = Unquote(path);
        }

        return path;
    }

    /// <summary>As Python does it: bytes that are no text become a sign that says so, where .NET leaves them encoded.</summary>
    private static string Unquote(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = 0;
        for (var i = 0; i < bytes.Length; length++)
        {
            var isEncoded =
                bytes[i] == '%'
                && i + 2 < bytes.Length
                && char.IsAsciiHexDigit((char)bytes[i + 1])
                && char.IsAsciiHexDigit((char)bytes[i + 2]);
            bytes[length] = isEncoded ? Convert.FromHexString(bytes.AsSpan(i + 1, 2))[0] : bytes[i];
            i += isEncoded ? 3 : 1;
        }

        return Encoding.UTF8.GetString(bytes.AsSpan(0, length));
    }

    [GeneratedRegex(@"\A(m-|tr-)?[0-9a-f]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RunId();

    [GeneratedRegex(@"\A[A-Za-z]:", RegexOptions.CultureInvariant)]
    private static partial Regex Drive();
}
