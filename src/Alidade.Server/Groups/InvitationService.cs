using Alidade.Server.Platform;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Groups;

/// <summary>Invitations: made, listed and withdrawn by a group's admins, accepted by whoever holds the code.</summary>
public sealed class InvitationService(Stores stores, GroupService groups, TimeProvider time)
{
    private static readonly long Day = TimeSpan.FromDays(1).Ticks / 10;

    /// <param name="address">Where people reach this server.</param>
    public Task<InvitationCreated> CreateAsync(
        Caller caller,
        long group,
        InvitationInput input,
        string address,
        CancellationToken cancellation
    )
    {
        if (input.ExpiresInDays is < 1 or > InvitationInput.MostDays)
        {
            throw new InvalidInputException("expiresInDays", $"Must be between 1 and {InvitationInput.MostDays}.");
        }

        var code = Invitations.NewCode();
        return stores.Core.WriteAsync(
            t =>
            {
                caller.Require(group, Role.Admin);
                var expires = t.Now + (input.ExpiresInDays * Day);
                t.Execute("DELETE FROM invitation WHERE expires < @Now", new { t.Now });
                var id = t.Scalar<long>(
                    "INSERT INTO invitation (digest, group_id, role, creator_id, created, expires) "
                        + "VALUES (@Digest, @group, @Role, @UserId, @Now, @expires) RETURNING id",
                    new
                    {
                        Digest = Secret.Digest(code),
                        group,
                        input.Role,
                        caller.UserId,
                        t.Now,
                        expires,
                    }
                );
                Audit.Write(t, caller, "create", Invitations.Kind, id, input.Role, group);
                var url = $"{address}/join?code={code}";
                return new InvitationCreated(id, group, input.Role, Wire.Time(expires), code, url);
            },
            cancellation: cancellation
        );
    }

    public Task<IReadOnlyList<InvitationView>> ListAsync(Caller caller, long group, CancellationToken cancellation) =>
        stores.Core.ReadAsync<IReadOnlyList<InvitationView>>(
            s =>
            {
                caller.Require(group, Role.Admin);
                var rows = s.Query<InvitationRow>(
                    "SELECT id, role, created, expires FROM invitation WHERE group_id = @group AND expires > @Now ORDER BY id",
                    new { group, Now = Micros.Now(time) }
                );
                return
                [
                    .. rows.Select(i => new InvitationView(
                        i.Id,
                        group,
                        i.Role,
                        Wire.Time(i.Created),
                        Wire.Time(i.Expires)
                    )),
                ];
            },
            cancellation
        );

    public Task<Deletion> WithdrawAsync(Caller caller, long group, long id, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                caller.Require(group, Role.Admin);
                var gone = t.Execute("DELETE FROM invitation WHERE id = @id AND group_id = @group", new { id, group });
                if (gone == 0)
                {
                    throw new NotFoundException(Invitations.Kind, ("group_id", group), ("invitation_id", id));
                }

                Audit.Write(t, caller, "withdraw", Invitations.Kind, id, group: group);
                return Deletion.Of(id);
            },
            cancellation: cancellation
        );

    /// <summary>What a code is for, without using it; null when it is of no use.</summary>
    public Task<Invitation?> FindAsync(string code, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => Invitations.Find(s, code, Micros.Now(time)), cancellation);

    public async Task<GroupView> AcceptAsync(Caller caller, string code, CancellationToken cancellation)
    {
        var accepted = await stores.Core.WriteAsync(
            t => Invitations.Accept(t, caller, code),
            cancellation: cancellation
        );
        return await groups.GetAsync(
            caller with
            {
                Groups = new Dictionary<long, Role> { [accepted.GroupId] = Role.Reader },
            },
            accepted.GroupId,
            cancellation
        );
    }

    private sealed record InvitationRow
    {
        public long Id { get; init; }
        public string Role { get; init; } = "";
        public long Created { get; init; }
        public long Expires { get; init; }
    }
}
