using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Platform.Resources;

/// <summary>Pages of resources: filter, search, sort and total, the same for every kind.</summary>
public static class ResourceLists
{
    /// <summary>More groups are one part, put in order after reading.</summary>
    private const int MostParts = 100;

    /// <summary>One page and the number of all that match.</summary>
    /// <param name="parent">Only what belongs to it.</param>
    /// <param name="narrow">Adds conditions of its own.</param>
    /// <param name="sortColumn">What a sort key stands for, where the kind has keys of its own.</param>
    public static (IReadOnlyList<Versioned> Rows, long Total) Page(
        ISession s,
        ResourceKind kind,
        Caller caller,
        Listing listing,
        long? parent = null,
        Action<CompiledSearch>? narrow = null,
        Func<string, string?>? sortColumn = null
    )
    {
        var search = Search.Compile(s, kind, listing.Search);
        narrow?.Invoke(search);
        search.Arguments["Kind"] = kind.Name;
        search.Arguments["Parent"] = parent;
        var groups = Groups(caller, listing.GroupId);
        search.Arguments["Groups"] = groups;
        var totals = Totals(s, kind, groups);
        var where = "r.kind = @Kind AND r.deleted IS NULL AND r.kind <> 'job'";
        var whole = where + " AND r.group_id = ANY(@Groups)";
        var below = parent is null ? "" : " AND r.parent_id = @Parent";
        var found = new ListQuery
        {
            From = "resource r",
            Id = "r.id",
            Where = whole + below,
            Sections =
            [
                parent is null
                    ?
                    [
                        .. PartsByGroup(search, "r.group_id", [.. totals.Select(t => t.GroupId)])
                            .Select(inGroup => new ListPart($"{where} AND {inGroup}")),
                    ]
                    : [new ListPart(whole + below)],
            ],
            Key = Key(kind, listing, sortColumn ?? kind.SortColumn),
            Search = search,
            Total = parent is null
                ? () => totals.Sum(t => t.Total)
                : () => s.Scalar<long>($"SELECT COUNT(*) FROM resource r WHERE {whole}{below}", search.Arguments),
            IsNarrow = parent is not null,
        }.Read(s, listing);
        return (Resources.OfIds(s, found.Ids), found.Total);
    }

    /// <summary>The groups a list looks into: the named one, or all that the caller may see.</summary>
    public static long[] Groups(Caller caller, long? wanted)
    {
        if (wanted is not { } group)
        {
            return caller.Visible;
        }

        caller.Require(group, Role.Reader);
        return [group];
    }

    /// <summary>One condition for each group.</summary>
    internal static IReadOnlyList<string> PartsByGroup(
        CompiledSearch search,
        string column,
        IReadOnlyList<long> groups
    ) =>
        groups.Count > MostParts
            ? [$"{column} = ANY(@Groups)"]
            : [.. groups.Select(group => $"{column} = {search.Add(group)}")];

    /// <summary>The groups that have any of this kind, and how many.</summary>
    internal static IReadOnlyList<GroupTotal> Totals(ISession s, ResourceKind kind, long[] groups) =>
        s.Query<GroupTotal>(
            "SELECT group_id, total FROM resource_count WHERE kind = @Name AND group_id = ANY(@groups) AND total > 0 "
                + "ORDER BY group_id",
            new { kind.Name, groups }
        );

    private static string? Key(ResourceKind kind, Listing listing, Func<string, string?> sortColumn) =>
        listing.SortBy is not { } key
            ? kind.NewestLast
                ? "r.head"
                : null
            : sortColumn(key)
                ?? throw new RefusedException(
                    "SortParameterValidationError",
                    $"The sort parameter, {key}, for {kind.Name} is not sortable. Sort by {kind.NameField}, createdOn, lastModifiedOn or description."
                );

    internal sealed record GroupTotal
    {
        public long GroupId { get; init; }
        public long Total { get; init; }
    }
}
