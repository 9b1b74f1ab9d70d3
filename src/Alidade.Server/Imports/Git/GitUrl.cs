using System.Text.RegularExpressions;
using Alidade.Server.Configuration;

namespace Alidade.Server.Imports.Git;

/// <summary>
/// Where a repository is, and what of it: <c>URL;folder,folder#branch</c>. The schemes are those that run no program of
/// the caller's choice.
/// </summary>
/// <param name="Where">Without what stood after the address.</param>
/// <param name="Shown">The address without a password or token.</param>
/// <param name="Secret">What stood before the host, to be kept out of what is shown.</param>
/// <param name="Branch">A branch or tag; null for the repository's default.</param>
/// <param name="Folders">The only folders to fetch files of; empty for all.</param>
internal sealed partial record GitUrl(
    Uri Where,
    string Shown,
    string? Secret,
    string? Branch,
    IReadOnlyList<string> Folders
)
{
    private const int Longest = 2048;

    /// <summary>Empty for a folder of this disk.</summary>
    public string Host => Where.IdnHost;

    /// <summary>Those git may speak, with colons between.</summary>
    public string Protocols => IsHttp ? "http:https" : Where.Scheme;

    public bool IsHttp => Where.Scheme is "http" or "https";

    /// <summary>
    /// What git is given. It is written anew from what was understood, so that git cannot read another host in it: of ssh
    /// and its own protocol it decodes the address before it looks for the host.
    /// </summary>
    public string Address => Where.Scheme == Uri.UriSchemeFile ? "file://" + Where.LocalPath : AddressAt(Host);

    /// <summary>The same repository of another host.</summary>
    public string AddressAt(string host) =>
        $"{Where.Scheme}://{(Secret is null ? "" : Secret + "@")}{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}"
        + $"{(Where.IsDefaultPort ? "" : $":{Where.Port}")}{Where.PathAndQuery}";

    /// <exception cref="Platform.Errors.RefusedException">It is no such URL, or not allowed; the reason says which.</exception>
    public static GitUrl Parse(string text, ImportOptions options)
    {
        if (text.Length is 0 or > Longest || text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
        {
            throw ImportFailure.Git($"A git URL has 1 to {Longest} characters and no blanks.");
        }

        var (rest, branch) = Cut(text, '#');
        var (address, folders) = Cut(rest, ';');
        var uri = AddressOf(address);
        RequireAllowed(uri, options);
        return new GitUrl(
            uri,
            Without(uri),
            uri.UserInfo.Length > 0 ? uri.UserInfo : null,
            branch is null || Ref().IsMatch(branch)
                ? branch
                : throw ImportFailure.Git($"\"{branch}\" is no name of a branch."),
            [.. (folders ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Folder)]
        );
    }

    private static (string Before, string? After) Cut(string text, char at) =>
        text.IndexOf(at) is var index && index < 0 ? (text, null) : (text[..index], text[(index + 1)..]);

    private static Uri AddressOf(string address)
    {
        if (ShortSsh().Match(address) is { Success: true } ssh)
        {
            address = $"ssh://{ssh.Groups["host"].Value}/{ssh.Groups["path"].Value.TrimStart('/')}";
        }
        else if (address.StartsWith('/'))
        {
            address = "file://" + address;
        }

        return
            Uri.TryCreate(address, UriKind.Absolute, out var uri)
            && uri.Scheme is "https" or "http" or "ssh" or "git" or "file"
            && !uri.UserInfo.StartsWith('-')
            && (uri.Scheme is "https" or "http" || PlainUser().IsMatch(uri.UserInfo))
            && !uri.Host.StartsWith('-')
            && uri.HostNameType is not UriHostNameType.Unknown
            && (uri.Scheme == Uri.UriSchemeFile || HostName().IsMatch(uri.IdnHost))
            ? uri
            : throw ImportFailure.Git("This is no git URL that is spoken here; use https, http, ssh or git.");
    }

    private static void RequireAllowed(Uri uri, ImportOptions options)
    {
        if (uri.Scheme == Uri.UriSchemeFile && uri.Host.Length == 0)
        {
            if (!options.LocalRepositories)
            {
                throw ImportFailure.Git(
                    "A repository on the server's own disk is only imported where Import:LocalRepositories is true. Send "
                        + "an archive or files."
                );
            }
        }
        else if (uri.Host.Length == 0 || uri.Scheme == Uri.UriSchemeFile)
        {
            throw ImportFailure.Git("The git URL names no host.");
        }
        else if (options.AllowedHosts.Count > 0 && !options.AllowedHosts.Any(allowed => Matches(allowed, uri.Host)))
        {
            throw ImportFailure.Git(
                $"Repositories of {uri.Host} are not imported here; Import:AllowedHosts says of which."
            );
        }
    }

    private static bool Matches(string allowed, string host) =>
        allowed.StartsWith("*.", StringComparison.Ordinal)
            ? host.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase)
            : host.Equals(allowed, StringComparison.OrdinalIgnoreCase);

    private static string Folder(string folder) =>
        Sources.SourcePath.Of(folder) is { Length: > 0 } path && path[0] is not ('-' or '!' or '#')
            ? path
            : throw ImportFailure.Git($"\"{folder}\" is no folder that can be asked for.");

    private static string Without(Uri uri) =>
        uri.UserInfo.Length == 0
            ? uri.OriginalString
            : uri.OriginalString.Replace(uri.UserInfo + "@", "", StringComparison.Ordinal);

    /// <summary><c>git@host:path</c>, as ssh repositories are often written.</summary>
    [GeneratedRegex(@"^(?<host>[A-Za-z0-9_.][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*):(?!//)(?<path>.+)$")]
    private static partial Regex ShortSsh();

    /// <summary>With nothing in it that could be decoded to the end of a host.</summary>
    [GeneratedRegex(@"^[A-Za-z0-9_.+~:-]*\z")]
    private static partial Regex PlainUser();

    /// <summary>A name or an address, with nothing in it that a shell or curl would read as more.</summary>
    [GeneratedRegex(@"^[A-Za-z0-9_.:-]*\z")]
    private static partial Regex HostName();

    /// <summary>Narrower than git's own rule: nothing that git could take for an option or an expression.</summary>
    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_./+-]{0,254}\z")]
    private static partial Regex Ref();
}
