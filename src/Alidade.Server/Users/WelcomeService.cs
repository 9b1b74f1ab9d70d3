using Alidade.Server.Platform;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Users;

/// <summary>Links that work once: the first admin's, and those that sign a known user in.</summary>
public sealed class WelcomeService(Stores stores, SignInStore sessions, TimeProvider time)
{
    private static readonly long Lifetime = TimeSpan.FromHours(24).Ticks / 10;

    /// <summary>A new code; earlier codes for the same purpose end.</summary>
    /// <param name="userId">Whom it signs in, or null to let its bearer create the first account.</param>
    public Task<string> IssueAsync(long? userId, CancellationToken cancellation)
    {
        var code = Secret.New("alw_");
        return stores.Core.WriteAsync(
            t =>
            {
                t.Execute(
                    "DELETE FROM one_time_code WHERE expires < @Now OR COALESCE(user_id, 0) = @User",
                    new { t.Now, User = userId ?? 0 }
                );
                t.Execute(
                    "INSERT INTO one_time_code (digest, user_id, expires) VALUES (@Digest, @userId, @Expires)",
                    new
                    {
                        Digest = Secret.Digest(code),
                        userId,
                        Expires = t.Now + Lifetime,
                    }
                );
                return code;
            },
            cancellation: cancellation
        );
    }

    /// <summary>What a code is for, without using it; null when it is unknown, used or too old.</summary>
    public Task<WelcomeCode?> FindAsync(string code, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => Find(s, code, Micros.Now(time)), cancellation);

    /// <summary>Uses a sign-in code up and begins a session.</summary>
    /// <returns>The secret for the cookie.</returns>
    public async Task<string> SignInAsync(string code, string address, CancellationToken cancellation)
    {
        var found = await TakeAsync(code, cancellation);
        return found.UserId is { } user ? await sessions.BeginAsync(user, address, cancellation) : throw Expired();
    }

    /// <summary>Uses a code up.</summary>
    /// <exception cref="RefusedException">It is unknown, used or too old.</exception>
    public Task<WelcomeCode> TakeAsync(string code, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var found = Find(t, code, t.Now) ?? throw Expired();
                var used = t.Execute(
                    "DELETE FROM one_time_code WHERE digest = @Digest",
                    new { Digest = Secret.Digest(code) }
                );
                return used == 1 ? found : throw Expired();
            },
            cancellation: cancellation
        );

    /// <summary>The first account exists: no link makes it any more.</summary>
    public static void EndSetup(ITransaction t) => t.Execute("DELETE FROM one_time_code WHERE user_id IS NULL");

    /// <summary>Ends the links that sign a user in.</summary>
    public static void EndAll(ITransaction t, long userId) =>
        t.Execute("DELETE FROM one_time_code WHERE user_id = @userId", new { userId });

    private static WelcomeCode? Find(ISession s, string code, long now) =>
        s.First<WelcomeCode>(
            "SELECT user_id FROM one_time_code WHERE digest = @Digest AND expires > @now",
            new { Digest = Secret.Digest(code), now }
        );

    private static RefusedException Expired() =>
        new(
            "WelcomeLinkError",
            "This link was used before or is too old. Sign in, or start the server again for a new one."
        );
}

/// <summary>What a one-time code is for: signing this user in, or, without one, creating the first account.</summary>
public sealed record WelcomeCode
{
    public long? UserId { get; init; }
}
