using Alidade.Server.Groups;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Users;

/// <summary>Signed-in browsers and clients. Only the digest of a cookie is stored, so a copy of the database signs nobody in.</summary>
public sealed class SignInStore(Stores stores, TimeProvider time)
{
    private readonly Remembered<string, SignedIn> _known = new(stores.Core, Find);

    /// <summary>Begins a session.</summary>
    /// <param name="address">Where the request comes from, for the audit log.</param>
    /// <returns>The secret for the cookie.</returns>
    public Task<string> BeginAsync(long userId, string address, CancellationToken cancellation)
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
                Audit.Write(t, Caller.Only(userId, ""), "sign_in", UserRows.Kind, userId, "from " + address);
                return secret;
            },
            cancellation: cancellation
        );
    }

    /// <summary>Who a cookie stands for, with all memberships; null when it stands for nobody.</summary>
    /// <param name="recent">It may be as it was a second ago.</param>
    public async ValueTask<Caller?> FindAsync(string secret, CancellationToken cancellation, bool recent = false) =>
        await _known.GetAsync(Secret.Digest(secret), cancellation, recent) is { } found
        && found.Expires > Micros.Now(time)
            ? found.Caller
            : null;

    private static SignedIn? Find(ISession s, string digest)
    {
        var rows = s.Query<MemberRow>(
            "SELECT u.id, u.username, m.group_id, g.name AS group_name, m.role, i.expires FROM sign_in i "
                + "JOIN user_account u ON u.id = i.user_id AND u.deleted IS NULL "
                + "LEFT JOIN membership m ON m.user_id = u.id LEFT JOIN user_group g ON g.id = m.group_id WHERE i.digest = @Digest",
            new { Digest = digest }
        );
        return rows.Count == 0 ? null : new SignedIn(MemberRow.ToCaller(rows), rows[0].Expires);
    }

    public Task EndAsync(Caller caller, string secret, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                Audit.Write(t, caller, "sign_out", UserRows.Kind, caller.UserId);
                return t.Execute("DELETE FROM sign_in WHERE digest = @Digest", new { Digest = Secret.Digest(secret) });
            },
            cancellation: cancellation
        );

    public static void EndAll(ITransaction t, long userId) =>
        t.Execute("DELETE FROM sign_in WHERE user_id = @userId", new { userId });

    private sealed record SignedIn(Caller Caller, long Expires);
}

/// <summary>A user joined with one of its memberships.</summary>
internal sealed record MemberRow
{
    public long Id { get; init; }
    public string Username { get; init; } = "";
    public long? GroupId { get; init; }
    public string? GroupName { get; init; }
    public string? Role { get; init; }
    public long Expires { get; init; }

    public static Caller ToCaller(IReadOnlyList<MemberRow> rows) =>
        new(
            rows[0].Id,
            rows[0].Username,
            rows.Where(r => r.GroupId is not null).ToDictionary(r => r.GroupId!.Value, r => Roles.Parse(r.Role!))
        )
        {
            PublicGroup = rows.FirstOrDefault(r => r.GroupName == PublicGroup.Name)?.GroupId,
        };
}
