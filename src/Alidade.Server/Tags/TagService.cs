using Alidade.Server.Platform;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tags;

/// <summary>Labels.</summary>
public sealed class TagService(Stores stores)
{
    private const string Select =
        "SELECT t.id, t.name, t.group_id, g.name AS group_name, t.owner_id, u.username AS owner_name, t.created, t.modified "
        + "FROM tag t JOIN user_group g ON g.id = t.group_id JOIN user_account u ON u.id = t.owner_id ";

    public Task<Page<TagView>> ListAsync(Caller caller, Listing listing, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                var search = Search.CompileColumns(listing.Search, ("name", "t.folded"));
                var args = search.Arguments;
                args["Groups"] = ResourceLists.Groups(caller, listing.GroupId);
                args["Limit"] = listing.Limit;
                args["Offset"] = listing.Index;
                var where = "WHERE t.group_id = ANY(@Groups)" + search.Where;
                var rows = s.Query<TagRecord>(
                    $"{Select}{where} ORDER BY {Order(listing)} LIMIT @Limit OFFSET @Offset",
                    args
                );
                var total = s.Scalar<long>($"SELECT COUNT(*) FROM tag t {where}", args);
                return Page.Of("tags", listing, total, [.. rows.Select(TagView.Of)]);
            },
            cancellation
        );

    public Task<TagView> GetAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => TagView.Of(Get(s, caller, id)), cancellation);

    public Task<TagView> CreateAsync(Caller caller, TagInput input, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                caller.Require(input.Group, Role.Contributor);
                RequireFree(t, input.Group, input.Name, self: null);
                var id = t.Scalar<long>(
                    "INSERT INTO tag (group_id, owner_id, name, folded, created, modified) "
                        + "VALUES (@Group, @UserId, @Name, @Folded, @Now, @Now) RETURNING id",
                    new
                    {
                        input.Group,
                        caller.UserId,
                        input.Name,
                        Folded = Wire.Fold(input.Name),
                        t.Now,
                    }
                );
                Audit.Write(t, caller, "write", "tag", id, group: input.Group);
                return TagView.Of(Get(t, caller, id));
            },
            cancellation: cancellation
        );

    public Task<TagView> RenameAsync(Caller caller, long id, TagChange input, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var tag = GetToChange(t, caller, id);
                RequireFree(t, tag.GroupId, input.Name, id);
                t.Execute(
                    "UPDATE tag SET name = @Name, folded = @Folded, modified = @Now WHERE id = @id",
                    new
                    {
                        input.Name,
                        Folded = Wire.Fold(input.Name),
                        t.Now,
                        id,
                    }
                );
                Audit.Write(t, caller, "write", "tag", id, group: tag.GroupId);
                return TagView.Of(Get(t, caller, id));
            },
            cancellation: cancellation
        );

    public Task<Deletion> DeleteAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var tag = GetToChange(t, caller, id);
                t.Execute("DELETE FROM resource_tag WHERE tag_id = @id", new { id });
                t.Execute("DELETE FROM tag WHERE id = @id", new { id });
                Audit.Write(t, caller, "delete", "tag", id, group: tag.GroupId);
                return Deletion.Of(id);
            },
            cancellation: cancellation
        );

    /// <summary>The addresses of what carries a tag, as they have always been: with the name of the kind, not of its collection.</summary>
    /// <param name="kind">Only these; null for all kinds.</param>
    public Task<Page<string>> ResourcesAsync(
        Caller caller,
        long id,
        string? kind,
        Listing listing,
        CancellationToken cancellation
    ) =>
        stores.Core.ReadAsync(
            s =>
            {
                Get(s, caller, id);
                var where =
                    "FROM resource_tag l JOIN resource r ON r.id = l.resource_id WHERE l.tag_id = @id AND r.deleted IS NULL "
                    + "AND r.group_id = ANY(@Visible)"
                    + (kind is null ? "" : " AND r.kind = @kind");
                var args = new
                {
                    id,
                    // PostgreSQL takes no text with a NUL, and no kind has a blank.
                    kind = kind?.Replace('\0', ' '),
                    caller.Visible,
                    listing.Limit,
                    Offset = listing.Index,
                };
                var rows = s.Query<TaggedRow>(
                    $"SELECT r.id, r.kind {where} ORDER BY r.id LIMIT @Limit OFFSET @Offset",
                    args
                );
                return Page.Of(
                    $"tags/{id}/resources",
                    listing with
                    {
                        Search = "",
                        SortBy = null,
                        GroupId = null,
                    },
                    s.Scalar<long>($"SELECT COUNT(*) {where}", args),
                    [.. rows.Select(r => $"{Wire.Root}/{r.Kind}/{r.Id}")],
                    kind is null ? [] : [("resourceType", kind)]
                );
            },
            cancellation
        );

    /// <summary>A tag that the caller may see.</summary>
    internal static TagRecord Get(ISession s, Caller caller, long id) =>
        s.First<TagRecord>(Select + "WHERE t.id = @id AND t.group_id = ANY(@Visible)", new { id, caller.Visible })
        ?? throw new NotFoundException("tag", ("tag_id", id));

    private static TagRecord GetToChange(ISession s, Caller caller, long id)
    {
        var tag = Get(s, caller, id);
        caller.Require(tag.GroupId, Role.Contributor);
        return tag;
    }

    private static void RequireFree(ISession s, long group, string name, long? self)
    {
        var holder = s.First<long?>("SELECT id FROM tag WHERE group_id = @group AND name = @name", new { group, name });
        if (holder is { } id && id != self)
        {
            throw new AlreadyExistsException("tag", id, ("name", name), ("group_id", group));
        }
    }

    private static string Order(Listing listing)
    {
        var direction = listing.Descending ? "DESC" : "ASC";
        var column = listing.SortBy switch
        {
            null => "t.id",
            "name" => "t.folded",
            "createdOn" => "t.created",
            "lastModifiedOn" => "t.modified",
            _ => throw new RefusedException(
                "SortParameterValidationError",
                $"The sort parameter, {listing.SortBy}, for tag is not sortable. Sort by name, createdOn or lastModifiedOn."
            ),
        };
        return $"{column} {direction}, t.id {direction}";
    }

    private sealed record TaggedRow
    {
        public long Id { get; init; }
        public string Kind { get; init; } = "";
    }
}
