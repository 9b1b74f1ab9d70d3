using Alidade.Server.Platform;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Audits;

/// <summary>An entry of the audit log.</summary>
/// <param name="User">Who did it; null when nobody was signed in.</param>
/// <param name="Token">The token that was used; null for a person.</param>
/// <param name="Group">Whose admins see it; null for what concerns the whole server.</param>
public sealed record AuditView(
    long Id,
    string Time,
    UserRef? User,
    long? Token,
    string Action,
    string Kind,
    long? Object,
    long? Group,
    string? Detail
);

/// <summary>
/// Reads the audit log: an admin of a group its entries, an admin of the public group also those of no group, such as
/// sign-ins.
/// </summary>
public sealed class AuditService(Stores stores)
{
    private const string Mine =
        "FROM audit a LEFT JOIN user_account u ON u.id = a.user_id "
        + "WHERE (a.group_id = ANY(@Groups) OR (@System = 1 AND a.group_id IS NULL))";

    /// <summary>Newest first.</summary>
    public Task<Page<AuditView>> ListAsync(
        Caller caller,
        AuditQuery query,
        (string Name, string Value)[] carried,
        CancellationToken cancellation
    ) =>
        stores.Core.ReadAsync(
            s =>
            {
                var groups = GroupsOf(caller, query.Listing.GroupId);
                var args = new
                {
                    Groups = groups,
                    System = query.Listing.GroupId is null
                    && caller.PublicGroup is { } everyone
                    && groups.Contains(everyone)
                        ? 1
                        : 0,
                    query.Kind,
                    query.Object,
                    query.User,
                    query.Action,
                    query.Since,
                    query.Until,
                    query.Listing.Limit,
                    query.Listing.Index,
                };
                var where = Mine + Narrowed(query);
                var rows = s.Query<AuditRow>(
                    "SELECT a.id, a.at, a.user_id, u.username, a.token_id, a.action, a.kind, a.object_id, a.group_id, a.detail "
                        + $"{where} ORDER BY a.id DESC LIMIT @Limit OFFSET @Index",
                    args
                );
                var total = s.Scalar<long>("SELECT COUNT(*) " + where, args);
                return Page.Of("audit", query.Listing, total, [.. rows.Select(r => r.View())], carried);
            },
            cancellation
        );

    private static long[] GroupsOf(Caller caller, long? wanted)
    {
        if (wanted is { } group)
        {
            caller.Require(group, Role.Admin);
            return [group];
        }

        long[] groups = [.. caller.Groups.Where(g => g.Value == Role.Admin).Select(g => g.Key)];
        return groups.Length > 0
            ? groups
            : throw new ForbiddenException(
                "PermissionDeniedError",
                "The audit log is for admins; you are admin of no group."
            );
    }

    private static string Narrowed(AuditQuery query) =>
        (query.Kind is null ? "" : " AND a.kind = @Kind")
        + (query.Object is null ? "" : " AND a.object_id = @Object")
        + (query.User is null ? "" : " AND a.user_id = @User")
        + (query.Action is null ? "" : " AND a.action = @Action")
        + (query.Since is null ? "" : " AND a.at >= @Since")
        + (query.Until is null ? "" : " AND a.at < @Until");

    private sealed record AuditRow
    {
        public long Id { get; init; }
        public long At { get; init; }
        public long? UserId { get; init; }
        public string? Username { get; init; }
        public long? TokenId { get; init; }
        public string Action { get; init; } = "";
        public string Kind { get; init; } = "";
        public long? ObjectId { get; init; }
        public long? GroupId { get; init; }
        public string? Detail { get; init; }

        public AuditView View() =>
            new(
                Id,
                Wire.Time(At),
                UserId is { } user ? UserRef.Of(user, Username!) : null,
                TokenId,
                Action,
                Kind,
                ObjectId,
                GroupId,
                Detail
            );
    }
}
