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
    /// <summary>The most characters of a path within the artifacts of its owner.</summary>
    public const int Longest = 1000;

    // Of the group, the run and the word between them and the file.
    private const int LongestRoot = 100;

    /// <exception cref="MlflowException">It is too long, or no plain relative path.</exception>
    public static string Check(string path) => Check(path, Longest);

    /// <summary>
    /// The name that a path gets: MLflow's clients decode each name that they read in a listing before they ask for
    /// it, so that only decoded ones are found again. What would then be a control character stays encoded, and folders
    /// without a name, which nobody could ask for, are left out.
    /// </summary>
    /// <returns>Empty when the path names nothing.</returns>
    public static string Canonical(string path) =>
        string.Concat(Join(Names(Decode(path))).Select(c => char.IsControl(c) ? Encode(c) : c.ToString()));

    /// <summary>Whose file the path names; null when it names nobody's.</summary>
    public static ArtifactPath? Parse(string path)
    {
        var names = Names(Check(path, LongestRoot + Longest));
        var at = Array.FindIndex(names, RunId().IsMatch);
        return at >= 0 && at + 1 < names.Length && names[at + 1] == "artifacts"
            ? new ArtifactPath(names[at], Short(Join(names[(at + 2)..]), Longest))
            : null;
    }

    /// <summary>Where a file is put that a client gives this path.</summary>
    /// <exception cref="MlflowException">Nothing of it is a name.</exception>
    public ArtifactPath ToWrite()
    {
        var name = Canonical(Path);
        return name.Length > 0 ? this with { Path = name } : throw MlflowException.Invalid("Invalid path");
    }

    private static string Check(string path, int longest)
    {
        var decoded = Decode(Short(path, longest));
        var isSafe =
            !decoded.StartsWith('/')
            && !decoded.Contains('\\', StringComparison.Ordinal)
            && !decoded.Contains('#', StringComparison.Ordinal)
            && !decoded.Contains('\0', StringComparison.Ordinal)
            && !decoded.Split('/').Contains("..")
            && !Drive().IsMatch(decoded);
        return isSafe ? path : throw MlflowException.Invalid("Invalid path");
    }

    private static string Short(string path, int longest) =>
        path.Length <= longest
            ? path
            : throw MlflowException.Invalid(
                $"Invalid path: it has {path.Length} characters, and may have at most {Longest} below the run's artifacts."
            );

    private static string[] Names(string path) => [.. path.Split('/').Where(name => name is not ("" or "."))];

    private static string Join(string[] names) => string.Join('/', names);

    private static string Encode(char character) =>
        string.Concat(Encoding.UTF8.GetBytes([character]).Select(b => $"%{b:x2}"));

    /// <summary>Each round takes the length of the path, and one of nothing but <c>%25</c> needs as many: hence short ones.</summary>
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
