using Alidade.Engine.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;

namespace Alidade.Storage.Jobs;

/// <summary>The lanes a worker may take from in one claim, and which of them is next.</summary>
internal sealed class ClaimRound
{
    // The head of each lane comes from the index, so the cost grows with the lanes and not with the jobs that wait.
    internal const string HeadsSqlite = """
        SELECT id, lane, rank FROM job WHERE id IN (
            SELECT (SELECT w.id FROM job w WHERE w.lane = l.value AND w.state = 'queued' ORDER BY w.rank, w.id LIMIT 1)
            FROM json_each(@Lanes) l)
        """;

    internal const string HeadsPostgres = """
        SELECT j.id, l.id AS lane, j.rank FROM unnest(@Lanes) AS l(id) CROSS JOIN LATERAL (
            SELECT w.id, w.rank FROM job w WHERE w.lane = l.id AND w.state = 'queued' ORDER BY w.rank, w.id LIMIT 1) j
        """;

    internal const string JobsHeld = """
        SELECT group_id, COUNT(*) AS jobs FROM job
        WHERE group_id = ANY(@groups) AND state IN ('claimed', 'running', 'unreachable', 'cancelling')
        GROUP BY group_id
        """;

    private readonly ITransaction _tx;
    private readonly List<LaneRow> _open;
    private readonly Dictionary<long, int> _quotas;
    private readonly Dictionary<long, long> _held;
    private Offer _left;

    public ClaimRound(
        ITransaction tx,
        IEnumerable<LaneRow> open,
        IEnumerable<GroupQuota> quotas,
        SessionRow asking,
        WorkerUse use
    )
    {
        _tx = tx;
        var offer = asking.Offer;
        _left = offer with { Capacity = offer.Capacity.Without(use.Capacity) };
        _open = [.. open.Where(lane => lane.Shape.Fits(_left))];
        _quotas = quotas.ToDictionary(q => q.GroupId, q => q.Running!.Value);
        _held = Held();
        _open.RemoveAll(IsFull);
    }

    /// <summary>Null when nothing is left that the worker could take.</summary>
    public LaneRow? Choose()
    {
        if (_open.Count < 2)
        {
            return _open.FirstOrDefault();
        }

        var lanes = _open.ToDictionary(l => l.Id);
        var sql = _tx.Dialect == Dialect.Postgres ? HeadsPostgres : HeadsSqlite;
        var heads = _tx.Query<LaneHead>(sql, new { Lanes = lanes.Keys.ToArray() });
        _open.RemoveAll(lane => heads.All(head => head.Lane != lane.Id));
        var first = heads
            .OrderBy(head => _held.GetValueOrDefault(lanes[head.Lane].GroupId))
            .ThenBy(head => head.Rank)
            .ThenBy(head => head.Id)
            .FirstOrDefault();
        return first is null ? null : lanes[first.Lane];
    }

    public void Took(LaneRow lane)
    {
        _left = _left with { Capacity = _left.Capacity.Without(lane.Capacity) };
        _held[lane.GroupId] = _held.GetValueOrDefault(lane.GroupId) + 1;
        _open.RemoveAll(other => !_left.Capacity.Covers(other.Capacity) || IsFull(other));
    }

    private bool IsFull(LaneRow lane) =>
        _quotas.TryGetValue(lane.GroupId, out var quota) && _held.GetValueOrDefault(lane.GroupId) >= quota;

    public void Exhausted(LaneRow lane) => _open.Remove(lane);

    /// <summary>
    /// How many jobs of each group workers hold. It is counted, never kept, so it cannot leak; and only where several groups
    /// wait or one has a quota, so a claim among jobs of one group does not pay for it.
    /// </summary>
    private Dictionary<long, long> Held()
    {
        var groups = _open.Select(l => l.GroupId).Distinct().ToArray();
        return groups.Length < 2 && !groups.Any(_quotas.ContainsKey)
            ? []
            : _tx.Query<GroupUse>(JobsHeld, new { groups }).ToDictionary(g => g.GroupId, g => g.Jobs);
    }

    private sealed record LaneHead
    {
        public long Id { get; init; }
        public long Lane { get; init; }
        public long Rank { get; init; }
    }

    private sealed record GroupUse
    {
        public long GroupId { get; init; }
        public long Jobs { get; init; }
    }
}
