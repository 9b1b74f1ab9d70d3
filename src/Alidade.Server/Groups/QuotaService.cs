using Alidade.Server.Jobs;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;

namespace Alidade.Server.Groups;

/// <param name="Running">How many jobs of the group workers may hold at once; null for no limit.</param>
/// <param name="Waiting">How many may wait for a worker, a moment or another job; null for no limit.</param>
public sealed record Quota([Between(0, 1_000_000)] long? Running = null, [Between(0, 1_000_000)] long? Waiting = null)
{
    internal static Quota Of(GroupQuota quota) => new(quota.Running, quota.Waiting);

    /// <summary>For the audit log.</summary>
    public override string ToString() =>
        $"running {Running?.ToString() ?? "any"}, waiting {Waiting?.ToString() ?? "any"}";
}

/// <summary>
/// What a group may take of the workers and of the queue. Admins of the public group say so: a group's own admins could
/// lift what is meant to hold for them.
/// </summary>
public sealed class QuotaService(Stores stores, GroupService groups)
{
    public async Task<Quota> GetAsync(Caller caller, long group, CancellationToken cancellation)
    {
        await groups.GetAsync(caller, group, cancellation);
        return Quota.Of(await stores.Core.ReadAsync(s => GroupQuotas.Of(s, group), cancellation));
    }

    public Task<Quota> SetAsync(Caller caller, long group, Quota quota, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            tx =>
            {
                RequireServerAdmin(caller, group);
                if (
                    tx.First<long?>("SELECT id FROM user_group WHERE id = @group AND deleted IS NULL", new { group })
                    is null
                )
                {
                    throw new NotFoundException("group", ("group_id", group));
                }

                GroupQuotas.Set(
                    tx,
                    new GroupQuota
                    {
                        GroupId = group,
                        Running = (int?)quota.Running,
                        Waiting = (int?)quota.Waiting,
                    }
                );
                Audit.Write(tx, caller, "quota", "group", group, $"{quota}", group);
                return quota;
            },
            cancellation: cancellation
        );

    /// <summary>To others a group they do not belong to does not exist.</summary>
    private static void RequireServerAdmin(Caller caller, long group)
    {
        var everyone = caller.PublicGroup ?? group;
        if (caller.Groups.GetValueOrDefault(everyone) != Role.Admin)
        {
            caller.Require(group, Role.Reader);
        }

        caller.Require(everyone, Role.Admin);
    }
}
