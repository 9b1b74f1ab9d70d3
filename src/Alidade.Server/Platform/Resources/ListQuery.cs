using Alidade.Server.Platform.Paging;

namespace Alidade.Server.Platform.Resources;

/// <summary>
/// A page of ids out of a list that may be long. A few matches are found by what they match and then put in order; where
/// there are many, the list is gone through in its order until the page is full. So neither sorts what it does not show.
/// </summary>
public sealed record ListQuery
{
    /// <summary>Matches that are quickly read and sorted.</summary>
    private const int Few = 1000;

    /// <summary>The table with its alias.</summary>
    public required string From { get; init; }

    /// <summary>The column of the id.</summary>
    public required string Id { get; init; }

    /// <summary>The rows of the list, before the search.</summary>
    public required string Where { get; init; }

    /// <summary>
    /// The same rows in sections that follow one another in ascending order, each of parts that do not overlap and that an
    /// index has in order.
    /// </summary>
    public required IReadOnlyList<IReadOnlyList<ListPart>> Sections { get; init; }

    /// <summary>What the sections differ in, when it is no part of their own order.</summary>
    public string? SectionKey { get; init; }

    /// <summary>What the list goes by, and then by id, so that pages neither repeat nor skip; null is by id alone.</summary>
    public string? Key { get; init; }

    /// <summary>With the parameters of all the conditions here.</summary>
    public required CompiledSearch Search { get; init; }

    /// <summary>How many rows there are before the search, without counting them.</summary>
    public required Func<long> Total { get; init; }

    /// <summary>Counts no further: a greater total is a lower bound.</summary>
    public long CountedAtMost { get; init; } = long.MaxValue;

    /// <summary>The rows may be few although the kind has many: those below one parent.</summary>
    public bool IsNarrow { get; init; }

    public PageOfIds Read(ISession s, Listing listing)
    {
        Search.Arguments["Limit"] = listing.Limit;
        Search.Arguments["Offset"] = listing.Index;
        if (Search.IsEmpty && !IsNarrow)
        {
            return new PageOfIds(Ordered(s, listing), Total());
        }

        // A row may come several times, so the limit alone does not tell whether there are few.
        var found = s.Query<long>($"{Found} LIMIT {Few + 1}", Search.Arguments);
        if (found.Count <= Few)
        {
            found = [.. found.Distinct()];
            return new PageOfIds(Sorted(s, listing, found), found.Count);
        }

        return Search.IsEmpty ? new PageOfIds(Ordered(s, listing), Total()) : OfMany(s, listing);
    }

    private PageOfIds OfMany(ISession s, Listing listing)
    {
        Search.Arguments["CountedAtMost"] = CountedAtMost;
        var distinct = First is { Ids: not null, Repeats: true } ? "COUNT(DISTINCT id)" : "COUNT(*)";
        var counted = s.First<Counted>(
            $"SELECT COUNT(*) AS seen, {distinct} AS total FROM ({Found} LIMIT @CountedAtMost) counted",
            Search.Arguments
        )!;
        if (counted.Seen < CountedAtMost)
        {
            return new PageOfIds(Ordered(s, listing), counted.Total);
        }

        // One row more than the page shows whether another page follows.
        Search.Arguments["Limit"] = listing.Limit + 1;
        var ids = Ordered(s, listing);
        return new PageOfIds(
            [.. ids.Take((int)listing.Limit)],
            Math.Max(counted.Total, listing.Index + ids.Count),
            IsLowerBound: true
        );
    }

    /// <summary>The condition that finds the fewest.</summary>
    private SearchCondition? First => Search.Conditions.MinBy(c => c.Order);

    private string Found
    {
        get
        {
            var first = First;
            return first?.Ids is { } ids
                ? $"SELECT {Id} AS id FROM ({ids}) found CROSS JOIN {From} WHERE {Id} = found.id AND {Where}{Checks(first)}"
                : $"SELECT {Id} AS id FROM {From} WHERE {Where}{Checks(null)}";
        }
    }

    private string Checks(SearchCondition? except) =>
        string.Concat(Search.Conditions.Where(c => c != except).Select(c => $" AND ({c.Check})"));

    private IReadOnlyList<long> Sorted(ISession s, Listing listing, IReadOnlyList<long> found)
    {
        if (Key is null && SectionKey is null)
        {
            var ordered = listing.Descending ? found.OrderDescending() : found.Order();
            return [.. ordered.Skip((int)Math.Min(listing.Index, Few + 1)).Take((int)listing.Limit)];
        }

        Search.Arguments["Found"] = found.ToArray();
        var order = new[] { SectionKey, Key, Id }.OfType<string>().Select(key => $"{key} {Direction(listing)}");
        return s.Query<long>(
            $"SELECT {Id} AS id FROM {From} WHERE {Id} = ANY(@Found) AND {Where} ORDER BY {string.Join(", ", order)} LIMIT @Limit OFFSET @Offset",
            Search.Arguments
        );
    }

    private List<long> Ordered(ISession s, Listing listing)
    {
        var (limit, skip) = ((long)Search.Arguments["Limit"]!, listing.Index);
        var ids = new List<long>();
        foreach (var parts in (listing.Descending ? Sections.Reverse() : Sections).Where(parts => parts.Count > 0))
        {
            Search.Arguments["Limit"] = limit - ids.Count;
            Search.Arguments["Offset"] = skip;
            var found = s.Query<long>($"{Merged(parts, listing)} LIMIT @Limit OFFSET @Offset", Search.Arguments);
            ids.AddRange(found);
            if (ids.Count >= limit)
            {
                break;
            }

            if (skip > 0 && Sections.Count > 1)
            {
                skip = found.Count > 0 ? 0 : skip - Count(s, parts);
            }
        }

        return ids;
    }

    /// <summary>Every part comes in order from its index; the database merges them.</summary>
    private string Merged(IReadOnlyList<ListPart> parts, Listing listing)
    {
        var order = Key is null ? $"1 {Direction(listing)}" : $"2 {Direction(listing)}, 1 {Direction(listing)}";
        var each = parts.Select(part =>
            $"SELECT {part.Id ?? Id} AS id{(Key is null ? "" : $", {part.Key ?? Key} AS key")} "
            + $"FROM {part.From ?? From} WHERE {part.Where}{Search.Where}"
        );
        return $"{string.Join(" UNION ALL ", each)} ORDER BY {order}";
    }

    private long Count(ISession s, IReadOnlyList<ListPart> parts) =>
        parts.Sum(part =>
            s.Scalar<long>(
                $"SELECT COUNT(*) FROM {part.From ?? From} WHERE {part.Where}{Search.Where}",
                Search.Arguments
            )
        );

    private static string Direction(Listing listing) => listing.Descending ? "DESC" : "ASC";

    private sealed record Counted
    {
        public long Seen { get; init; }
        public long Total { get; init; }
    }
}

/// <summary>A part of a list that an index has in order.</summary>
/// <param name="Where">Its rows.</param>
public sealed record ListPart(string Where)
{
    /// <summary>The tables, where they are not those of the list; likewise the id and the key.</summary>
    public string? From { get; init; }

    public string? Id { get; init; }

    public string? Key { get; init; }
}

/// <summary>Ids in the order of the list, and how many there are in all.</summary>
/// <param name="IsLowerBound">There are at least so many.</param>
public sealed record PageOfIds(IReadOnlyList<long> Ids, long Total, bool IsLowerBound = false);
