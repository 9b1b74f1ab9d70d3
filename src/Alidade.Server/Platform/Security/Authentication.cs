using Alidade.Server.Users;
using Microsoft.AspNetCore.Authorization;

namespace Alidade.Server.Platform.Security;

/// <summary>Marks an endpoint that checks a credential of its own, such as a worker's.</summary>
public sealed class OwnCredential;

/// <summary>Finds out who asks, and closes every endpoint that does not allow anonymous calls.</summary>
public static class Authentication
{
    /// <summary>Puts the <see cref="Caller"/> on the request when its cookie names a living session.</summary>
    public static IApplicationBuilder UseCaller(this IApplicationBuilder app) =>
        app.Use(
            async (context, next) =>
            {
                if (SessionCookie.Read(context.Request) is { Length: > 0 } cookie)
                {
                    var sessions = context.RequestServices.GetRequiredService<SignInStore>();
                    if (await sessions.FindAsync(cookie, context.RequestAborted) is { } caller)
                    {
                        context.Features.Set(caller);
                    }
                }

                await next(context);
            }
        );

    /// <summary>Deny by default: 401 for programs, the sign-in page for people.</summary>
    public static IApplicationBuilder UseClosedEndpoints(this IApplicationBuilder app) =>
        app.Use(
            (context, next) =>
            {
                var endpoint = context.GetEndpoint();
                if (
                    endpoint is null
                    || context.Features.Get<Caller>() is not null
                    || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
                    || endpoint.Metadata.GetMetadata<OwnCredential>() is not null
                )
                {
                    return next(context);
                }

                if (Errors.ErrorHandling.IsApi(context) || !HttpMethods.IsGet(context.Request.Method))
                {
                    context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                    return Task.CompletedTask;
                }

                var wanted = context.Request.Path + context.Request.QueryString;
                context.Response.Redirect("/signin?next=" + Uri.EscapeDataString(wanted));
                return Task.CompletedTask;
            }
        );

    public static TBuilder ChecksOwnCredential<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new OwnCredential());
}
