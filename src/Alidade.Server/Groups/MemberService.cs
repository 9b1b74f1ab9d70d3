using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Groups;

/// <summary>The members of a group, for its admins to change; everyone may leave, but for the public group.</summary>
public sealed class MemberService(Stores stores, GroupService groups)
{
    public async Task<IReadOnlyList<MemberView>> ListAsync(Caller caller, long group, CancellationToken cancellation) =>
        (await groups.GetAsync(caller, group, cancellation)).Members;

    public async Task<MemberView> AddAsync(Caller caller, long group, MemberInput input, CancellationToken cancellation)
    {
        await stores.Core.WriteAsync(
            t =>
            {
                caller.Require(group, Role.Admin);
                var exists = t.Scalar<long>(
                    "SELECT COUNT(*) FROM user_account WHERE id = @User AND deleted IS NULL",
                    input
                );
                if (exists == 0)
                {
                    throw new NotFoundException("user", ("user_id", input.User));
                }

                if (Memberships.RoleOf(t, group, input.User) is not null)
                {
                    throw new AlreadyExistsException(
                        Memberships.Kind,
                        input.User,
                        ("user_id", input.User),
                        ("group_id", group)
                    );
                }

                Memberships.Set(t, caller, group, input.User, Roles.Parse(input.Role));
                return true;
            },
            cancellation: cancellation
        );
        return await GetAsync(caller, group, input.User, cancellation);
    }

    public async Task<MemberView> ChangeAsync(
        Caller caller,
        long group,
        long user,
        MemberChange input,
        CancellationToken cancellation
    )
    {
        await stores.Core.WriteAsync(
            t =>
            {
                caller.Require(group, Role.Admin);
                RequireMember(t, group, user);
                Memberships.Set(t, caller, group, user, Roles.Parse(input.Role));
                return true;
            },
            cancellation: cancellation
        );
        return await GetAsync(caller, group, user, cancellation);
    }

    public Task<Deletion> RemoveAsync(Caller caller, long group, long user, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                caller.Require(group, user == caller.UserId ? Role.Reader : Role.Admin);
                RequireMember(t, group, user);
                if (group == caller.PublicGroup)
                {
                    throw new ForbiddenException("ReadOnlyLockError", "Everyone belongs to the public group.");
                }

                Memberships.Remove(t, caller, group, user);
                return Deletion.Of(user);
            },
            cancellation: cancellation
        );

    private async Task<MemberView> GetAsync(Caller caller, long group, long user, CancellationToken cancellation) =>
        (await ListAsync(caller, group, cancellation)).First(member => member.User.Id == user);

    private static void RequireMember(ISession s, long group, long user)
    {
        if (Memberships.RoleOf(s, group, user) is null)
        {
            throw new NotFoundException(Memberships.Kind, ("group_id", group), ("user_id", user));
        }
    }
}
