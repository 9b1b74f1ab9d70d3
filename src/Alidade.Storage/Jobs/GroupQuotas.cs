using Alidade.Storage.Platform;

namespace Alidade.Storage.Jobs;

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
    /// Keeps other claims for these groups waiting until this transaction ends: two that counted at once would each grant
    /// the last place. On SQLite there is only one writer anyway.
    /// </summary>
    internal static void Lock(ITransaction tx, long[] groups)
    {
        if (tx.Dialect == Dialect.Postgres)
        {
            tx.Query<long>(
                "SELECT group_id FROM group_quota WHERE group_id = ANY(@groups) ORDER BY group_id FOR UPDATE",
                new { groups }
            );
        }
    }
}
