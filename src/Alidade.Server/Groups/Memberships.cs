using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Groups;

/// <summary>Who belongs to a group as what. Every change keeps a group with other members from losing its last admin.</summary>
internal static class Memberships
{
    public const string Kind = "group_member";

    public static Role? RoleOf(ISession s, long group, long user) =>
        s.First<string>("SELECT role FROM membership WHERE group_id = @group AND user_id = @user", new { group, user })
            is { } role
            ? Roles.Parse(role)
            : null;

    /// <summary>Lets a user in, or gives a member another role.</summary>
    public static void Set(ITransaction t, Caller caller, long group, long user, Role role)
    {
        Lock(t, group);
        if (RoleOf(t, group, user) == Role.Admin && role != Role.Admin)
        {
            RequireAnotherAdmin(t, group, user);
        }

        t.Execute(
            "INSERT INTO membership (group_id, user_id, role) VALUES (@group, @user, @Role) "
                + "ON CONFLICT (group_id, user_id) DO UPDATE SET role = excluded.role",
            new
            {
                group,
                user,
                Role = role.Word(),
            }
        );
        Audit.Write(t, caller, "set", Kind, user, role.Word(), group);
    }

    public static void Remove(ITransaction t, Caller caller, long group, long user)
    {
        Lock(t, group);
        if (RoleOf(t, group, user) == Role.Admin)
        {
            RequireAnotherAdmin(t, group, user);
        }

        Delete(t, caller, group, user);
    }

    /// <summary>
    /// Takes a user whose account closes out of all groups. A group that would be left without an admin is in the way,
    /// unless the user was alone in it and left nothing there. The public group is never in the way: who is at the machine
    /// makes its next admin.
    /// </summary>
    public static void RemoveEverywhere(ITransaction t, Caller caller)
    {
        foreach (var (group, role) in caller.Groups)
        {
            Lock(t, group);
            if (role == Role.Admin && group != caller.PublicGroup && !IsLeftEmpty(t, group, caller.UserId))
            {
                RequireAnotherAdmin(t, group, caller.UserId);
            }

            Delete(t, caller, group, caller.UserId);
        }
    }

    private static void Delete(ITransaction t, Caller caller, long group, long user)
    {
        t.Execute("DELETE FROM membership WHERE group_id = @group AND user_id = @user", new { group, user });
        Audit.Write(t, caller, "remove", Kind, user, group: group);
    }

    private static bool IsLeftEmpty(ISession s, long group, long user) =>
        OthersThan(s, group, user, adminsOnly: false) == 0 && GroupContents.Count(s, group).Count == 0;

    /// <summary>Changes of one group's members come one after the other, or two admins could remove each other.</summary>
    private static void Lock(ITransaction t, long group) =>
        t.Execute("UPDATE user_group SET modified = @Now WHERE id = @group", new { t.Now, group });

    private static void RequireAnotherAdmin(ISession s, long group, long user)
    {
        if (OthersThan(s, group, user, adminsOnly: true) == 0)
        {
            throw new RefusedException(
                "GroupNeedsAManagerError",
                $"Group {group} would be left without an admin. Make another member its admin first."
            );
        }
    }

    private static long OthersThan(ISession s, long group, long user, bool adminsOnly) =>
        s.Scalar<long>(
            "SELECT COUNT(*) FROM membership m JOIN user_account u ON u.id = m.user_id AND u.deleted IS NULL "
                + "WHERE m.group_id = @group AND m.user_id <> @user"
                + (adminsOnly ? " AND m.role = 'admin'" : ""),
            new { group, user }
        );
}
