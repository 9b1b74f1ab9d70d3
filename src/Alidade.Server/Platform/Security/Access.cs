using Alidade.Server.Platform.Errors;

namespace Alidade.Server.Platform.Security;

/// <summary>
/// What an endpoint asks of its caller, declared on it with <see cref="AccessExtensions.Needs"/>. The declaration cannot
/// be too small: the endpoint gets a <see cref="Caller"/> cut down to it, so that code which needs more is refused.
/// </summary>
/// <param name="Role">The most it exercises in any group.</param>
/// <param name="Tokens">A token needs one of these scopes; none means that no token will do.</param>
public sealed record Access(Role Role, Scope Tokens)
{
    /// <summary>Reads. What a safe method needs unless it says otherwise.</summary>
    public static readonly Access See = new(Role.Reader, Scope.Read);

    /// <summary>Changes resources. What any other method needs unless it says otherwise.</summary>
    public static readonly Access Change = new(Role.Contributor, Scope.Write);

    /// <summary>Manages a group.</summary>
    public static readonly Access Manage = new(Role.Admin, Scope.Admin);

    /// <summary>Logs to runs.</summary>
    public static readonly Access Track = new(Role.Contributor, Scope.Track);

    /// <summary>Reads what a script that logs must know.</summary>
    public static readonly Access SeeTracked = new(Role.Reader, Scope.Read | Scope.Track);

    /// <summary>Reads what only admins see.</summary>
    public static readonly Access Watch = new(Role.Admin, Scope.Admin | Scope.SystemRead);

    /// <summary>A signed-in person: pages, and what concerns the own account. No token comes here.</summary>
    public static readonly Access Person = new(Role.Admin, Scope.None);

    /// <summary>What this endpoint declares, or what its method implies.</summary>
    public static Access Of(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<Access>() ?? (IsSafe(endpoint) ? See : Change);

    /// <summary>The caller as this endpoint may use it.</summary>
    /// <exception cref="ForbiddenException">Its token does not open this endpoint.</exception>
    public Caller Admit(Caller caller) =>
        caller.Token is null || (caller.Token.Scopes & Tokens) != Scope.None
            ? caller.Within(Role)
            : throw new ForbiddenException(
                "TokenScopeError",
                Tokens == Scope.None
                    ? "No token opens this. Sign in."
                    : $"This needs a token with the scope {Scopes.Say(Tokens)}; this one has {Scopes.Say(caller.Token.Scopes)}."
            );

    private static bool IsSafe(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods
        && methods.All(method => HttpMethods.IsGet(method) || HttpMethods.IsHead(method));
}

public static class AccessExtensions
{
    /// <summary>Declares what an endpoint, or each of a group of them, asks of its caller.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder builder, Access access)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(access);
}
