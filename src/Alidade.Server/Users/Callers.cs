using Alidade.Server.Platform.Security;
using Alidade.Server.Tokens;

namespace Alidade.Server.Users;

/// <summary>Who stands behind a request. A header counts before a cookie: a program says who it is, a browser is used.</summary>
public sealed class Callers(SignInStore sessions, TokenStore tokens)
{
    /// <summary>Null for nobody, and for a credential that is of no use.</summary>
    /// <param name="recent">They may be as they were a second ago.</param>
    public ValueTask<Caller?> FindAsync(HttpRequest request, CancellationToken cancellation, bool recent = false)
    {
        if (request.Headers.Authorization.Count > 0)
        {
            return ApiToken.Read(request) is { } token ? tokens.FindAsync(token, cancellation, recent) : default;
        }

        return SessionCookie.Read(request) is { Length: > 0 } cookie
            ? sessions.FindAsync(cookie, cancellation, recent)
            : default;
    }
}
