namespace Alidade.Tracking;

/// <summary>What the code is that a command runs: the commit, and what differs from it.</summary>
/// <param name="Diff">What <c>git apply</c> makes of the commit what was run; null when nothing differs.</param>
/// <param name="Untracked">Files that git does not know and the diff does not hold.</param>
internal sealed record GitState(
    string Commit,
    string? Branch,
    string? Remote,
    byte[]? Diff,
    IReadOnlyList<string> Untracked
)
{
    /// <summary>Bytes; a larger diff is data and not code.</summary>
    private const int LargestDiff = 20 << 20;

    /// <returns>Null where there is no repository, no commit, or no git that answers in time.</returns>
    public static async Task<GitState?> CaptureAsync(CancellationToken cancellation)
    {
        if (await AskAsync(cancellation, "rev-parse", "--verify", "--quiet", "HEAD") is not { } commit)
        {
            return null;
        }

        var branch = await AskAsync(cancellation, "symbolic-ref", "--quiet", "--short", "HEAD");
        var remote = await AskAsync(cancellation, "config", "--get", "remote.origin.url");
        var diff = await Quiet.RunAsync("git", ["diff", "--binary", "HEAD"], LargestDiff, cancellation);
        // Of the whole repository, as the diff is, also where the command runs in a folder of it.
        var others = await AskAsync(cancellation, "ls-files", "--others", "--exclude-standard", "--full-name", ":/");
        return new GitState(
            commit,
            branch,
            remote is null ? null : WithoutSecret(remote),
            diff is { Length: > 0 } ? diff : null,
            others is null ? [] : [.. others.Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(1000)]
        );
    }

    /// <summary>An address may hold a password.</summary>
    private static string WithoutSecret(string remote) =>
        Uri.TryCreate(remote, UriKind.Absolute, out var address) && address.UserInfo.Length > 0
            ? new UriBuilder(address) { UserName = "", Password = "" }.Uri.ToString()
            : remote;

    private static async Task<string?> AskAsync(CancellationToken cancellation, params string[] arguments) =>
        await Quiet.RunAsync("git", arguments, 1 << 20, cancellation) is { Length: > 0 } answer
            ? System.Text.Encoding.UTF8.GetString(answer).Trim()
            : null;
}
