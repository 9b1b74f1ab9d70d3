using Alidade.Storage.Platform;

namespace Alidade.Storage.Metrics;

/// <summary>
/// A series as blocks that follow each other: every point in its place and once, whether it lies in one chunk, in several
/// or in none yet. A block is read when it is asked for.
/// </summary>
internal static class SeriesBlocks
{
    /// <param name="after">Blocks that hold nothing after this place are left out.</param>
    public static IEnumerable<List<StoredPoint>> Read(ISession read, string run, int number, PointPlace? after = null)
    {
        var pending = Pending.Read(read, run, new HashSet<int> { number }).GetValueOrDefault(number) ?? [];
        var heads = ChunkTable.Heads(read, run, number);
        var groups = Overlapping(after is { } place ? heads.Where(h => h.Last.CompareTo(place) > 0) : heads);
        var taken = 0;
        for (var i = 0; i < groups.Count; i++)
        {
            var points = ChunkTable.Points(read, groups[i]);
            for (; taken < pending.Count && (i + 1 == groups.Count || IsBefore(pending[taken], groups[i + 1])); taken++)
            {
                points.Add(pending[taken]);
            }

            yield return PointOrder.Sort(points);
        }

        if (groups.Count == 0)
        {
            yield return pending;
        }
    }

    /// <summary>Chunks in order, those that overlap together.</summary>
    public static List<List<ChunkHead>> Overlapping(IEnumerable<ChunkHead> heads)
    {
        var groups = new List<List<ChunkHead>>();
        var end = default(PointPlace);
        foreach (var head in heads.OrderBy(h => h.First))
        {
            if (groups.Count > 0 && head.First.CompareTo(end) <= 0)
            {
                groups[^1].Add(head);
                end = head.Last.CompareTo(end) > 0 ? head.Last : end;
            }
            else
            {
                groups.Add([head]);
                end = head.Last;
            }
        }

        return groups;
    }

    private static bool IsBefore(StoredPoint point, List<ChunkHead> group) => point.Place.CompareTo(group[0].First) < 0;
}
