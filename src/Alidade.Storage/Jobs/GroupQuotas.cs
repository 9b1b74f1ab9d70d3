using Alidade.Storage.Platform;

namespace Alidade.Storage.Jobs;

/// <summary>The most jobs of a group that workers hold at once.</summary>
internal sealed record GroupQuota
{
    public long GroupId { get; init; }
    public int Running { get; init; }
}

/// <summary>How many jobs of a group workers may hold at once.</summary>
public static class GroupQuotas
{
    /// <returns>Null for no limit.</returns>
    public static int? Of(ISession read, long group) =>
        read.First<int?>("SELECT running FROM group_quota WHERE group_id = @Group", new { Group = group });

    /// <param name="running">Null lifts the limit.</param>
    public static void Set(ITransaction tx, long group, int? running) =>
        tx.Execute(
            running is null
                ? "DELETE FROM group_quota WHERE group_id = @Group"
                : "INSERT INTO group_quota (group_id, running) VALUES (@Group, @Running) "
                    + "ON CONFLICT (group_id) DO UPDATE SET running = excluded.running",
            new { Group = group, Running = running }
        );

    /// <summary>
    /// The quotas of those of these groups that have one. Other claims for such a group wait until this transaction ends:
    /// two that counted at once would each grant the last place.
    /// </summary>
    internal static Answer<GroupQuota> AskLocked(ITransaction tx, long[] groups) =>
        tx.Ask<GroupQuota>(
            "SELECT group_id, running FROM group_quota WHERE group_id = ANY(@groups) ORDER BY group_id"
                + JobRow.ForUpdate(tx),
            new { groups }
        );
}
