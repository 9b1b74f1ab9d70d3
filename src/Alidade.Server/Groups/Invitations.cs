using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Groups;

/// <summary>Using an invitation: it works once, and only while who made it is still an admin of the group.</summary>
internal static class Invitations
{
    public const string Kind = "invitation";

    public static string NewCode() => Secret.New("ali_");

    /// <summary>What a code is for, without using it; null when it is unknown, used, withdrawn or too old.</summary>
    public static Invitation? Find(ISession s, string code, long now) =>
        s.First<Invitation>(
            "SELECT i.id, i.group_id, g.name AS group_name, i.role FROM invitation i "
                + "JOIN user_group g ON g.id = i.group_id AND g.deleted IS NULL "
                + "JOIN membership m ON m.group_id = i.group_id AND m.user_id = i.creator_id AND m.role = 'admin' "
                + "JOIN user_account u ON u.id = i.creator_id AND u.deleted IS NULL "
                + "WHERE i.digest = @Digest AND i.expires > @now",
            new { Digest = Secret.Digest(code), now }
        );

    /// <summary>Uses a code up: the user joins the group, or rises to the role.</summary>
    public static Invitation Accept(ITransaction t, Caller user, string code)
    {
        var invitation = Find(t, code, t.Now) ?? throw Expired();
        if (t.Execute("DELETE FROM invitation WHERE id = @Id", new { invitation.Id }) == 0)
        {
            throw Expired();
        }

        Audit.Write(t, user, "accept", Kind, invitation.Id, group: invitation.GroupId);
        var held = Memberships.RoleOf(t, invitation.GroupId, user.UserId);
        if (held is null || held < Roles.Parse(invitation.Role))
        {
            Memberships.Set(t, user, invitation.GroupId, user.UserId, Roles.Parse(invitation.Role));
        }

        return invitation;
    }

    public static RefusedException Expired() =>
        new("InvitationError", "This invitation was used or withdrawn, or is too old. Ask for another one.");
}

/// <summary>What an invitation is for.</summary>
public sealed record Invitation
{
    public long Id { get; init; }
    public long GroupId { get; init; }
    public string GroupName { get; init; } = "";
    public string Role { get; init; } = "";
}
