using Alidade.Server.Groups;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tokens;

/// <summary>Who a token stands for.</summary>
public sealed class TokenStore(Stores stores, TokenUse use, TimeProvider time)
{
    private readonly Remembered<string, IssuedToken> _known = new(stores.Core, Find);

    /// <summary>The user behind a token with what the token leaves of it; null when it is unknown, expired or revoked.</summary>
    /// <param name="recent">It may be as it was a second ago.</param>
    public async ValueTask<Caller?> FindAsync(string secret, CancellationToken cancellation, bool recent = false)
    {
        var now = Micros.Now(time);
        var found = await _known.GetAsync(Secret.Digest(secret), cancellation, recent);
        if (found is null || found.Expires <= now)
        {
            return null;
        }

        use.Note(found.Caller.Token!.Id, found.Used, now);
        return found.Caller;
    }

    private static IssuedToken? Find(ISession s, string digest)
    {
        var rows = s.Query<TokenMember>(
            "SELECT k.id AS token, k.scopes, k.only_groups, k.used, k.expires, u.id, u.username, m.group_id, "
                + "g.name AS group_name, m.role FROM api_token k JOIN user_account u ON u.id = k.user_id AND u.deleted IS NULL "
                + "LEFT JOIN membership m ON m.user_id = u.id LEFT JOIN user_group g ON g.id = m.group_id "
                + "WHERE k.digest = @Digest AND k.revoked IS NULL",
            new { Digest = digest }
        );
        return rows.Count == 0 ? null : new IssuedToken(ToCaller(rows), rows[0].Expires, rows[0].Used);
    }

    /// <summary>A token limited to groups still reads what is public, where the built-in types are.</summary>
    private static Caller ToCaller(IReadOnlyList<TokenMember> rows)
    {
        var only = TokenRow.Ids(rows[0].OnlyGroups);
        var groups = new Dictionary<long, Role>();
        foreach (var row in rows.Where(r => r.GroupId is not null))
        {
            if (only is null || only.Contains(row.GroupId!.Value))
            {
                groups[row.GroupId!.Value] = Roles.Parse(row.Role!);
            }
            else if (row.GroupName == PublicGroup.Name)
            {
                groups[row.GroupId!.Value] = Role.Reader;
            }
        }

        long[] limits = only is null ? [] : [.. only.Where(groups.ContainsKey).Order()];
        return new Caller(rows[0].Id, rows[0].Username, groups)
        {
            PublicGroup = rows.FirstOrDefault(r => r.GroupName == PublicGroup.Name)?.GroupId,
            Token = new CallerToken(rows[0].Token, Scopes.Parse(rows[0].Scopes.Split(' ')), limits),
        };
    }

    /// <param name="Used">When it was used before, as far as is written down.</param>
    private sealed record IssuedToken(Caller Caller, long Expires, long? Used);

    private sealed record TokenMember
    {
        public long Token { get; init; }
        public string Scopes { get; init; } = "";
        public string? OnlyGroups { get; init; }
        public long? Used { get; init; }
        public long Expires { get; init; }
        public long Id { get; init; }
        public string Username { get; init; } = "";
        public long? GroupId { get; init; }
        public string? GroupName { get; init; }
        public string? Role { get; init; }
    }
}
