using Alidade.Server.Platform.Errors;
using Alidade.Server.Users;
using Microsoft.AspNetCore.Authorization;

namespace Alidade.Server.Platform.Security;

/// <summary>Marks an endpoint that checks a credential of its own, such as a worker's.</summary>
public sealed class OwnCredential;

/// <summary>
/// Marks an endpoint that programs call many times a second and that gives nothing lasting away: where several servers share
/// a database, its caller may be as they were known within the last second.
/// </summary>
public sealed class CalledOften;

/// <summary>Finds out who asks, and closes every endpoint that does not allow anonymous calls.</summary>
public static class Authentication
{
    /// <summary>
    /// Puts the <see cref="Caller"/> on the request when it carries a living session or token. Stands after routing, which
    /// tells how new that must be known.
    /// </summary>
    public static IApplicationBuilder UseCaller(this IApplicationBuilder app) =>
        app.Use(
            (context, next) =>
            {
                var callers = context.RequestServices.GetRequiredService<Callers>();
                var often = context.GetEndpoint()?.Metadata.GetMetadata<CalledOften>() is not null;
                var caller = callers.FindAsync(context.Request, context.RequestAborted, recent: often);
                // Mostly it is known, and whoever waits for an answer need not wait here too.
                if (!caller.IsCompletedSuccessfully)
                {
                    return AsCallerAsync(context, caller, next);
                }

                context.Features.Set(caller.Result);
                return next(context);
            }
        );

    private static async Task AsCallerAsync(HttpContext context, ValueTask<Caller?> caller, RequestDelegate next)
    {
        context.Features.Set(await caller);
        await next(context);
    }

    /// <summary>
    /// Deny by default: without a caller 401 for programs and the sign-in page for people; with one, no more than the
    /// endpoint declares.
    /// </summary>
    public static IApplicationBuilder UseClosedEndpoints(this IApplicationBuilder app) =>
        app.Use(
            (context, next) =>
            {
                var endpoint = context.GetEndpoint();
                if (
                    endpoint is null
                    || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
                    || endpoint.Metadata.GetMetadata<OwnCredential>() is not null
                )
                {
                    return next(context);
                }

                if (context.Features.Get<Caller>() is { } caller)
                {
                    context.Features.Set(Access.Of(endpoint).Admit(caller));
                    return next(context);
                }

                return AskWho(context);
            }
        );

    private static Task AskWho(HttpContext context)
    {
        if (context.Request.Headers.Authorization.Count > 0)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            throw new UnauthorizedException(
                "TokenError",
                "The token is unknown, expired or revoked. Make one with: alidade token create. "
                    + "A name and password are taken by POST /api/v1/auth/login only."
            );
        }

        if (ErrorHandling.IsApi(context) || !HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        }

        var wanted = context.Request.Path + context.Request.QueryString;
        context.Response.Redirect("/signin?next=" + Uri.EscapeDataString(wanted));
        return Task.CompletedTask;
    }

    public static TBuilder IsCalledOften<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new CalledOften());

    public static TBuilder ChecksOwnCredential<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new OwnCredential());
}
