using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Search;

namespace Alidade.Server.Platform.Resources;

/// <summary>Pages of the snapshots of one resource, oldest first.</summary>
public static class SnapshotLists
{
    public static (IReadOnlyList<Versioned> Rows, long Total) Page(
        ISession s,
        ResourceKind kind,
        Caller caller,
        long id,
        Listing listing,
        long? parent = null
    )
    {
        var resource = Resources.Get(s, kind, caller, id, parent);
        var args = new
        {
            id,
            listing.Limit,
            Offset = listing.Index,
        };
        var fields = Search.TextFields(kind);
        if (Search.Matcher<Searched>(listing.Search, [.. fields.Keys, "tag"], Values) is not { } matches)
        {
            return (
                Resources.Snapshots(
                    s,
                    "s.id IN (SELECT id FROM snapshot WHERE resource_id = @id ORDER BY id LIMIT @Limit OFFSET @Offset)",
                    args
                ),
                s.Scalar<long>("SELECT COUNT(*) FROM snapshot WHERE resource_id = @id", args)
            );
        }

        var found = s.Query<Searched>(
                "SELECT id, name, description FROM snapshot WHERE resource_id = @id ORDER BY id",
                args
            )
            .Where(matches)
            .ToList();
        var page = found.Skip((int)Math.Min(listing.Index, int.MaxValue)).Take((int)listing.Limit);
        return (
            Resources.Snapshots(s, "s.id = ANY(@Ids)", new { Ids = page.Select(p => p.Id).ToArray() }),
            found.Count
        );

        // Longer texts are kept for the newest snapshot alone.
        IEnumerable<string?> Values(Searched row, string field) =>
            field == "tag" ? resource.Tags.Select(string? (t) => t.Name)
            : fields[field] == SearchText.Name ? [row.Name]
            : fields[field] == SearchText.Description ? [row.Description]
            : [];
    }

    private sealed record Searched
    {
        public long Id { get; init; }
        public string? Name { get; init; }
        public string? Description { get; init; }
    }
}
