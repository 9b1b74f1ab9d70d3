using System.Text.RegularExpressions;

namespace Alidade.Engine.Protocol;

/// <summary>
/// How secrets and data folders are called. A name becomes the name of a file or folder in a job, so it is one that every
/// file system takes and that leads nowhere else.
/// </summary>
public static partial class NeedName
{
    /// <summary>The rule in words.</summary>
    public const string Rule =
        "begin with a letter, go on with letters, digits, '_', '-' or '.', and have at most 64 characters";

    public static bool IsValid(string? name) => name is not null && Pattern().IsMatch(name);

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_.-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
