namespace Alidade.Worker.Attempts;

/// <summary>
/// Paths that come from elsewhere. The server checks them too; the agent trusts neither it nor the job, because a path
/// that leaves its folder writes or reads anywhere on this machine.
/// </summary>
internal static class RelativePath
{
    private const int Longest = 1024;

    /// <summary>Why the path is refused, or null when it is fine.</summary>
    public static string? Problem(string path) =>
        path switch
        {
            "" => "is empty",
            { Length: > Longest } => $"is longer than {Longest} characters",
            _ when path[0] == '/' => "is not relative",
            _ when path.Contains('\\') => "holds a backslash",
            _ when path.Any(char.IsControl) => "holds a control character",
            _ when path.Split('/').Any(part => part is "" or "." or "..") => "holds an empty, '.' or '..' part",
            _ => null,
        };
}
