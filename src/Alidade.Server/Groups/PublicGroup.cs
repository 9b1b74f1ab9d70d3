using Alidade.Server.ParameterTypes;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Groups;

/// <summary>The group everyone belongs to, made with the first account.</summary>
public static class PublicGroup
{
    public static void Join(ITransaction t, Caller user, bool isFirst)
    {
        if (isFirst)
        {
            var group = t.Scalar<long>(
                "INSERT INTO user_group (name, creator_id, created, modified) VALUES ('public', @UserId, @Now, @Now) RETURNING id",
                new { user.UserId, t.Now }
            );
            Add(t, group, user.UserId, Role.Admin);
            BuiltInTypes.Create(t, user with { Groups = new Dictionary<long, Role> { [group] = Role.Admin } }, group);
        }
        else
        {
            Add(t, t.Scalar<long>("SELECT id FROM user_group WHERE name = 'public'"), user.UserId, Role.Contributor);
        }
    }

    private static void Add(ITransaction t, long group, long user, Role role) =>
        t.Execute(
            "INSERT INTO membership (group_id, user_id, role) VALUES (@group, @user, @Role)",
            new
            {
                group,
                user,
                Role = role.ToString().ToLowerInvariant(),
            }
        );
}
