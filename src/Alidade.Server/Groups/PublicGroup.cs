using Alidade.Server.ParameterTypes;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Groups;

/// <summary>The group everyone belongs to, made with the first account.</summary>
public static class PublicGroup
{
    /// <summary>No other group can have it, and this one keeps it.</summary>
    public const string Name = "public";

    /// <param name="isFirst">It has no admin yet, or no more.</param>
    public static void Join(ITransaction t, Caller user, bool isFirst)
    {
        var group = Find(t) ?? Make(t, user.UserId);
        Memberships.Set(t, user, group, user.UserId, isFirst ? Role.Admin : Role.Contributor);
        if (isFirst)
        {
            t.Execute("UPDATE user_group SET creator_id = @UserId WHERE id = @group", new { user.UserId, group });
        }
    }

    /// <summary>The group's id; null before anybody has used the server.</summary>
    public static long? Find(ISession s) => s.First<long?>("SELECT id FROM user_group WHERE name = 'public'");

    /// <summary>The group with its built-in types.</summary>
    public static long Make(ITransaction t, long creator)
    {
        var group = t.Scalar<long>(
            "INSERT INTO user_group (name, creator_id, created, modified) VALUES ('public', @creator, @Now, @Now) RETURNING id",
            new { creator, t.Now }
        );
        BuiltInTypes.Create(t, new Caller(creator, "", new Dictionary<long, Role> { [group] = Role.Admin }), group);
        return group;
    }
}
