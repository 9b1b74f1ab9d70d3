using Alidade.Server.Platform.Errors;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;

namespace Alidade.Server.Platform.Security;

/// <summary>
/// Marks an endpoint that a running job may call, through its worker's agent. All others are shut to it. The endpoint
/// sees the job as <see cref="Caller.Attempt"/>; jobs are looked up with <c>JobReader</c>, which shows it none but its own.
/// </summary>
public sealed class OpenToAttempts;

/// <summary>Lets in what a running job sends through its worker's agent, which adds the attempt's token.</summary>
public static class AttemptScope
{
    /// <summary>What every attempt token begins with.</summary>
    public const string Prefix = "ala_";

    private const string Scheme = "Bearer " + Prefix;

    public static TBuilder OpensToAttempts<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new OpenToAttempts());

    /// <summary>Stands after routing: an attempt's token is of use on endpoints that say so, and nowhere else.</summary>
    public static IApplicationBuilder UseAttempts(this IApplicationBuilder app) =>
        app.Use(
            (context, next) =>
            {
                var header = context.Request.Headers.Authorization.ToString();
                return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
                    ? AsAttemptAsync(context, header["Bearer ".Length..].Trim(), next)
                    : next(context);
            }
        );

    private static async Task AsAttemptAsync(HttpContext context, string token, RequestDelegate next)
    {
        context.Features.Set(await FindAsync(context, token));
        await next(context);
    }

    private static async Task<Caller> FindAsync(HttpContext context, string token)
    {
        var services = context.RequestServices;
        var now = Micros.Now(services.GetRequiredService<TimeProvider>());
        var owner =
            await services
                .GetRequiredService<Stores>()
                .Core.ReadAsync(s => AttemptTokens.Find(s, Secret.Digest(token), now), context.RequestAborted)
            ?? throw new UnauthorizedException("TokenError", "The token has expired, or its attempt has ended.");
        if (context.GetEndpoint()?.Metadata.GetMetadata<OpenToAttempts>() is null)
        {
            throw new ForbiddenException(
                "AttemptScopeError",
                "A running job may call the tracking routes and the routes of itself, and this is none of them."
            );
        }

        return CallerOf(owner);
    }

    /// <summary>The job acts in its group as a contributor, for the user who submitted it, and reads what is public.</summary>
    private static Caller CallerOf(AttemptOwner owner)
    {
        var groups = new Dictionary<long, Role> { [owner.PublicGroup] = Role.Reader };
        groups[owner.GroupId] = Role.Contributor;
        return new Caller(owner.UserId, owner.Username, groups)
        {
            PublicGroup = owner.PublicGroup,
            Attempt = new CallerAttempt(owner.Attempt, owner.Job, owner.Run, owner.Experiment, owner.GroupId),
        };
    }
}
