using Alidade.Storage.Platform;

namespace Alidade.Storage.Jobs;

/// <summary>What a group may have at once; null for any number.</summary>
public sealed record GroupQuota
{
    public long GroupId { get; init; }

    /// <summary>Jobs that workers hold.</summary>
    public int? Running { get; init; }

    /// <summary>Jobs that wait for a worker, a moment or another job.</summary>
    public int? Waiting { get; init; }
}

/// <summary>How many jobs groups may have.</summary>
public static class GroupQuotas
{
    /// <summary>
    /// Counted as far as the limit. A lane is of one group, so queued jobs are found as claims find them, and the numbers
    /// are never kept, so they cannot drift.
    /// </summary>
    internal const string Waiting = """
        SELECT COUNT(*) FROM (
            SELECT j.lane FROM lane l JOIN job j ON j.lane = l.id AND j.state = 'queued' WHERE l.group_id = @Group
            UNION ALL
            SELECT j.lane FROM lane l JOIN job j ON j.lane = l.id AND j.state = 'scheduled' WHERE l.group_id = @Group
            LIMIT @Most) AS waiting
        """;

    public static GroupQuota Of(ISession read, long group) =>
        read.First<GroupQuota>("SELECT * FROM group_quota WHERE group_id = @Group", new { Group = group })
        ?? new GroupQuota { GroupId = group };

    public static void Set(ITransaction tx, GroupQuota quota) =>
        tx.Execute(
            quota is { Running: null, Waiting: null }
                ? "DELETE FROM group_quota WHERE group_id = @GroupId"
                : "INSERT INTO group_quota (group_id, running, waiting) VALUES (@GroupId, @Running, @Waiting) "
                    + "ON CONFLICT (group_id) DO UPDATE SET running = excluded.running, waiting = excluded.waiting",
            quota
        );

    /// <summary>
    /// Whether another job of the group may begin to wait. Others that ask wait until this transaction ends: two that
    /// counted at once would each take the last place.
    /// </summary>
    /// <returns>The limit, when it is reached.</returns>
    public static int? FullAt(ITransaction tx, long group)
    {
        var most = tx.First<int?>(
            "SELECT waiting FROM group_quota WHERE group_id = @Group AND waiting IS NOT NULL" + JobRow.ForUpdate(tx),
            new { Group = group }
        );
        return most is { } limit && tx.Scalar<long>(Waiting, new { Group = group, Most = limit }) >= limit
            ? limit
            : null;
    }

    /// <summary>
    /// The limits of running jobs of those of these groups that have one. Other claims for such a group wait until this
    /// transaction ends: two that counted at once would each grant the last place.
    /// </summary>
    internal static Answer<GroupQuota> AskLocked(ITransaction tx, long[] groups)
    {
        // PostgreSQL keeps the plan for one, and makes that for a list each time anew.
        var (those, args) = groups is [var one]
            ? ("= @Group", (object)new { Group = one })
            : ("= ANY(@groups)", new { groups });
        return tx.Ask<GroupQuota>(
            $"SELECT * FROM group_quota WHERE group_id {those} AND running IS NOT NULL ORDER BY group_id"
                + JobRow.ForUpdate(tx),
            args
        );
    }
}
