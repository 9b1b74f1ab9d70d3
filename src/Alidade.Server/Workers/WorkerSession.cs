using System.Reflection;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;

namespace Alidade.Server.Workers;

/// <summary>The living session that a worker's call belongs to; found before anything else of the call is read.</summary>
public sealed record WorkerSession(SessionRow Row)
{
    /// <exception cref="WorkerRefused">The secret is unknown or revoked, or the session has ended.</exception>
    public static async ValueTask<WorkerSession> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var secret = WorkerCredential.Bearer(context.Request);
        var stores = context.RequestServices.GetRequiredService<Stores>();
        var session = await stores.Core.ReadAsync(s => WorkerCredential.Find(s, secret), context.RequestAborted);
        return session switch
        {
            null or { State: "revoked" } => throw WorkerRefused.Unauthorized(),
            { Ended: not null } => throw WorkerRefused.Gone(),
            _ => new WorkerSession(session),
        };
    }

    /// <summary>The session, if it is the one the path names.</summary>
    public SessionRow Named(long id) => Row.Id == id ? Row : throw WorkerRefused.Unauthorized();
}

/// <summary>The token with which a worker begins a session.</summary>
public sealed record WorkerToken(TokenRow Row)
{
    /// <exception cref="WorkerRefused">The token is unknown or revoked.</exception>
    public static async ValueTask<WorkerToken> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var secret = WorkerCredential.Bearer(context.Request);
        var stores = context.RequestServices.GetRequiredService<Stores>();
        var token = await stores.Core.ReadAsync(
            s => secret is null ? null : Pools.Token(s, secret),
            context.RequestAborted
        );
        return new WorkerToken(token ?? throw WorkerRefused.Unauthorized());
    }
}
