using Alidade.Server.Platform;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Groups;

/// <summary>Groups and their members, as far as the caller belongs to them.</summary>
public sealed class GroupService(Stores stores)
{
    private const string Select =
        "SELECT g.id, g.name, g.creator_id, u.username AS creator_name, g.created, g.modified FROM user_group g "
        + "JOIN user_account u ON u.id = g.creator_id WHERE g.deleted IS NULL AND g.id = ANY(@Visible)";

    public Task<Page<GroupView>> ListAsync(Caller caller, Listing listing, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                var search = Search.CompileColumns(listing.Search, ("name", "LOWER(g.name)"));
                var args = search.Arguments;
                args["Visible"] = caller.Visible;
                args["Limit"] = listing.Limit;
                args["Offset"] = listing.Index;
                var rows = s.Query<GroupRow>($"{Select}{search.Where} ORDER BY g.id LIMIT @Limit OFFSET @Offset", args);
                var total = s.Scalar<long>(
                    $"SELECT COUNT(*) FROM user_group g WHERE g.deleted IS NULL AND g.id = ANY(@Visible){search.Where}",
                    args
                );
                return Page.Of("groups", listing, total, Views(s, rows));
            },
            cancellation
        );

    public Task<GroupView> GetAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
                Views(s, s.Query<GroupRow>(Select + " AND g.id = @id", new { caller.Visible, id })).FirstOrDefault()
                ?? throw new NotFoundException("group", ("group_id", id)),
            cancellation
        );

    private static IReadOnlyList<GroupView> Views(ISession s, IReadOnlyList<GroupRow> groups)
    {
        var members = s.Query<MembershipRow>(
                "SELECT m.group_id, m.user_id, u.username, m.role FROM membership m JOIN user_account u ON u.id = m.user_id "
                    + "WHERE m.group_id = ANY(@Ids) AND u.deleted IS NULL ORDER BY m.user_id",
                new { Ids = groups.Select(g => g.Id).ToArray() }
            )
            .ToLookup(m => m.GroupId);
        return [.. groups.Select(g => GroupView.Of(g, members[g.Id]))];
    }
}

public sealed record GroupView(
    long Id,
    string Name,
    UserRef User,
    IReadOnlyList<MemberView> Members,
    string CreatedOn,
    string LastModifiedOn
)
{
    internal static GroupView Of(GroupRow group, IEnumerable<MembershipRow> members) =>
        new(
            group.Id,
            group.Name,
            UserRef.Of(group.CreatorId, group.CreatorName),
            [.. members.Select(m => MemberView.Of(m, group))],
            Wire.Time(group.Created),
            Wire.Time(group.Modified)
        );
}

public sealed record MemberView(UserRef User, GroupRef Group, Permissions Permissions, string Role)
{
    internal static MemberView Of(MembershipRow member, GroupRow group) =>
        new(
            UserRef.Of(member.UserId, member.Username),
            GroupRef.Of(group.Id, group.Name),
            Permissions.Of(member.Role, isCreator: member.UserId == group.CreatorId),
            member.Role
        );
}

/// <summary>A role in the six flags that clients of the wire know.</summary>
public sealed record Permissions(bool Read, bool Write, bool ShareRead, bool ShareWrite, bool Owner, bool Admin)
{
    internal static Permissions Of(string role, bool isCreator) =>
        role switch
        {
            "admin" => new(true, true, true, true, isCreator, true),
            "contributor" => new(true, true, false, false, false, false),
            _ => new(true, false, false, false, false, false),
        };
}

internal sealed record GroupRow
{
    public long Id { get; init; }
    public string Name { get; init; } = "";
    public long CreatorId { get; init; }
    public string CreatorName { get; init; } = "";
    public long Created { get; init; }
    public long Modified { get; init; }
}

internal sealed record MembershipRow
{
    public long GroupId { get; init; }
    public long UserId { get; init; }
    public string Username { get; init; } = "";
    public string Role { get; init; } = "";
}
