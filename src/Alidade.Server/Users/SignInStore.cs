using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Users;

/// <summary>Signed-in browsers and clients. Only the digest of a cookie is stored, so a copy of the database signs nobody in.</summary>
public sealed class SignInStore(Stores stores, TimeProvider time)
{
    /// <summary>Begins a session.</summary>
    /// <returns>The secret for the cookie.</returns>
    public Task<string> BeginAsync(long userId, CancellationToken cancellation)
    {
        var secret = Secret.New("als_");
        return stores.Core.WriteAsync(
            t =>
            {
                t.Execute("DELETE FROM sign_in WHERE expires < @Now", new { t.Now });
                t.Execute(
                    "INSERT INTO sign_in (digest, user_id, created, expires) VALUES (@Digest, @userId, @Now, @Expires)",
                    new
                    {
                        Digest = Secret.Digest(secret),
                        userId,
                        t.Now,
                        Expires = t.Now + (SessionCookie.Lifetime.Ticks / 10),
                    }
                );
                t.Execute("UPDATE user_account SET last_sign_in = @Now WHERE id = @userId", new { t.Now, userId });
                return secret;
            },
            cancellation: cancellation
        );
    }

    /// <summary>Who a cookie stands for, with all memberships; null when it stands for nobody.</summary>
    public Task<Caller?> FindAsync(string secret, CancellationToken cancellation)
    {
        var now = (time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;
        return stores.Core.ReadAsync(
            s =>
            {
                var rows = s.Query<MemberRow>(
                    "SELECT u.id, u.username, m.group_id, m.role FROM sign_in i "
                        + "JOIN user_account u ON u.id = i.user_id AND u.deleted IS NULL "
                        + "LEFT JOIN membership m ON m.user_id = u.id WHERE i.digest = @Digest AND i.expires > @now",
                    new { Digest = Secret.Digest(secret), now }
                );
                return rows.Count == 0 ? null : MemberRow.ToCaller(rows);
            },
            cancellation
        );
    }

    public Task EndAsync(string secret, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t => t.Execute("DELETE FROM sign_in WHERE digest = @Digest", new { Digest = Secret.Digest(secret) }),
            cancellation: cancellation
        );

    public static void EndAll(ITransaction t, long userId) =>
        t.Execute("DELETE FROM sign_in WHERE user_id = @userId", new { userId });
}

/// <summary>A user joined with one of its memberships.</summary>
internal sealed record MemberRow
{
    public long Id { get; init; }
    public string Username { get; init; } = "";
    public long? GroupId { get; init; }
    public string? Role { get; init; }

    public static Caller ToCaller(IReadOnlyList<MemberRow> rows) =>
        new(
            rows[0].Id,
            rows[0].Username,
            rows.Where(r => r.GroupId is not null)
                .ToDictionary(r => r.GroupId!.Value, r => Enum.Parse<Role>(r.Role!, ignoreCase: true))
        );
}
