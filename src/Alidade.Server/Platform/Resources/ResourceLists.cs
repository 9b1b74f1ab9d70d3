using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Platform.Resources;

/// <summary>Pages of resources and of their snapshots: filter, search, sort and total, the same for every kind.</summary>
public static class ResourceLists
{
    /// <summary>One page and the number of all that match.</summary>
    public static (IReadOnlyList<Versioned> Rows, long Total) Page(
        ISession s,
        ResourceKind kind,
        Caller caller,
        Listing listing,
        long? parent = null
    )
    {
        var groups = Groups(caller, listing.GroupId);
        var search = Search.Compile(kind, listing.Search);
        var args = search.Arguments;
        args["Kind"] = kind.Name;
        args["Groups"] = groups;
        args["Parent"] = parent;
        args["Limit"] = listing.Limit;
        args["Offset"] = listing.Index;
        var where =
            "WHERE r.kind = @Kind AND r.deleted IS NULL AND r.group_id = ANY(@Groups)"
            + (parent is null ? "" : " AND r.parent_id = @Parent")
            + search.Where;
        var rows = Resources.WithTags(
            s,
            s.Query<Versioned>(
                $"{Resources.Newest}{where} ORDER BY {Order(kind, listing)} LIMIT @Limit OFFSET @Offset",
                args
            )
        );
        var total =
            parent is null && search.Where.Length == 0
                ? s.Scalar<long>(
                    "SELECT CAST(COALESCE(SUM(total), 0) AS BIGINT) FROM resource_count WHERE kind = @Kind AND group_id = ANY(@Groups)",
                    args
                )
                : s.Scalar<long>($"SELECT COUNT(*) FROM resource r {where}", args);
        return (rows, total);
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

    public static (IReadOnlyList<Versioned> Rows, long Total) Snapshots(
        ISession s,
        ResourceKind kind,
        Caller caller,
        long id,
        Listing listing,
        long? parent = null
    )
    {
        Resources.Get(s, kind, caller, id, parent);
        var found = Resources.Snapshots(s, id);
        var matching = listing.Search.Length == 0 ? found : [.. found.Where(Search.Matcher(kind, listing.Search))];
        return (
            [
                .. matching
                    .Skip((int)Math.Min(listing.Index, int.MaxValue))
                    .Take((int)Math.Min(listing.Limit, int.MaxValue)),
            ],
            matching.Count
        );
    }

    /// <summary>Every order ends with the id, so that pages neither repeat nor skip.</summary>
    private static string Order(ResourceKind kind, Listing listing)
    {
        var direction = listing.Descending ? "DESC" : "ASC";
        if (listing.SortBy is not { } key)
        {
            return (kind.NewestLast ? "r.head " : "r.id ") + direction;
        }

        var column =
            kind.SortColumn(key)
            ?? throw new RefusedException(
                "SortParameterValidationError",
                $"The sort parameter, {key}, for {kind.Name} is not sortable. Sort by {kind.NameField}, createdOn, lastModifiedOn or description."
            );
        return $"{column} {direction}, r.id {direction}";
    }
}
