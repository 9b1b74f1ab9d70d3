using Alidade.Server.Configuration;
using Alidade.Server.Platform.Errors;

namespace Alidade.Server.Users;

/// <summary>Who may make an account, and which passwords will do.</summary>
/// <param name="Mode"><c>open</c>, <c>first</c> or <c>closed</c>.</param>
public sealed record RegistrationPolicy(string Mode, HttpOptions Http)
{
    private const int ShortestElsewhere = 12;

    /// <summary>Whether the first account may be made without the one-time link: by somebody on this machine.</summary>
    public bool MayBegin(bool isFirst, bool fromLoopback) =>
        Mode == "first" && isFirst && fromLoopback && !Http.IsBehindProxy;

    /// <param name="isFirst">No account exists yet.</param>
    /// <param name="bySetupLink">The person came by the one-time link that makes the first account.</param>
    /// <param name="isInvited">The person holds an invitation that is good.</param>
    public void RequireOpen(bool isFirst, bool bySetupLink, bool fromLoopback, bool isInvited)
    {
        var open = isInvited || (bySetupLink && isFirst) || Mode == "open" || MayBegin(isFirst, fromLoopback);
        if (!open)
        {
            throw new ForbiddenException(
                "RegistrationClosedError",
                isFirst
                    ? "Open the one-time link that the server printed when it started; it creates the first account."
                    : "Registration is closed here. Ask an admin for an invitation, or start the server with --registration open."
            );
        }
    }

    public void RequireStrong(string password, string field)
    {
        if (!Http.IsPrivate && password.Length < ShortestElsewhere)
        {
            throw new InvalidInputException(field, $"Shorter than minimum length {ShortestElsewhere}.");
        }
    }
}
