namespace Alidade.Server.Groups;

/// <summary>What lives in a group.</summary>
internal static class GroupContents
{
    /// <summary>How many living things of each kind; nothing for an empty group.</summary>
    public static IReadOnlyDictionary<string, long> Count(ISession s, long group) =>
        s.Query<KindCount>(
                "SELECT kind, COUNT(*) AS total FROM resource WHERE group_id = @group AND deleted IS NULL GROUP BY kind "
                    + "UNION ALL SELECT 'tag', COUNT(*) FROM tag WHERE group_id = @group HAVING COUNT(*) > 0",
                new { group }
            )
            .ToDictionary(c => c.Kind, c => c.Total);

    private sealed record KindCount
    {
        public string Kind { get; init; } = "";
        public long Total { get; init; }
    }
}
