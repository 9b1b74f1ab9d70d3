using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Alidade.Server.Drafts;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Search;

namespace Alidade.Server.Platform.Resources;

/// <summary>
/// Versioned resources of all kinds: a resource row is the projection of its newest snapshot and changes in the same
/// transaction; snapshots never change.
/// </summary>
public static class Resources
{
    private const string Columns =
        "SELECT r.id, r.group_id, g.name AS group_name, r.parent_id, r.owner_id, r.head, r.created, r.modified, r.deleted, "
        + "s.id AS snapshot, s.number, s.created AS snapshot_created, s.author_id, u.username AS author_name, "
        + "s.name, s.description, s.payload FROM resource r ";

    private const string People = " JOIN user_group g ON g.id = r.group_id JOIN user_account u ON u.id = s.author_id ";

    /// <summary>The newest snapshot of each resource, to be narrowed by a WHERE over <c>r</c> and <c>s</c>.</summary>
    public const string Newest = Columns + "JOIN snapshot s ON s.id = r.head" + People;

    private const string AnySnapshot = Columns + "JOIN snapshot s ON s.resource_id = r.id" + People;

    /// <summary>Makes a resource with its first snapshot.</summary>
    /// <returns>The ids of both.</returns>
    public static (long Id, long Snapshot) Create(
        ITransaction t,
        ResourceKind kind,
        Caller caller,
        long group,
        Content content,
        long? parent = null
    )
    {
        RequireFreeName(t, kind, group, content.Name, parent, self: null);
        var id = t.NextId(Sequence.Resource);
        var created = t.Now;
        t.Execute(
            "INSERT INTO resource (id, kind, group_id, owner_id, parent_id, head, created, modified) "
                + "VALUES (@id, @Kind, @group, @Owner, @parent, 0, @created, @created)",
            new
            {
                id,
                Kind = kind.Name,
                group,
                Owner = caller.UserId,
                parent,
                created,
            }
        );
        t.Execute(
            "INSERT INTO resource_count (kind, group_id, total) VALUES (@Kind, @group, 1) "
                + "ON CONFLICT (kind, group_id) DO UPDATE SET total = resource_count.total + 1",
            new { Kind = kind.Name, group }
        );
        return (id, AddSnapshot(t, kind, caller, id, 0, content));
    }

    /// <summary>Adds a snapshot, also when nothing differs.</summary>
    /// <returns>The snapshot's id.</returns>
    public static long Revise(ITransaction t, ResourceKind kind, Caller caller, Versioned current, Content content)
    {
        RequireFreeName(t, kind, current.GroupId, content.Name, current.ParentId, current.Id);
        return AddSnapshot(t, kind, caller, current.Id, current.Head, content);
    }

    /// <summary>Hides a resource; its snapshots stay for those who pinned them.</summary>
    public static void Delete(ITransaction t, ResourceKind kind, Caller caller, Versioned current)
    {
        var deleted = t.Execute(
            "UPDATE resource SET deleted = @Now WHERE id = @Id AND deleted IS NULL",
            new { t.Now, current.Id }
        );
        if (deleted == 1)
        {
            t.Execute(
                "UPDATE resource_count SET total = total - 1 WHERE kind = @Kind AND group_id = @GroupId",
                new { Kind = kind.Name, current.GroupId }
            );
            SearchText.Clear(t, current.Id);
            DraftStore.DeleteOf(t, current.Id);
            Audit.Write(t, caller, "delete", kind.Name, current.Id);
        }
    }

    /// <summary>Shows a deleted resource again, if nobody has taken its name.</summary>
    public static void Restore(ITransaction t, ResourceKind kind, Caller caller, long id)
    {
        var deleted = t.First<Versioned>(
            "SELECT id, group_id, parent_id, name, description FROM resource "
                + "WHERE id = @id AND kind = @Kind AND deleted IS NOT NULL AND purged IS NULL",
            new { id, Kind = kind.Name }
        );
        if (deleted is null)
        {
            return;
        }

        RequireFreeName(t, kind, deleted.GroupId, deleted.Name, deleted.ParentId, id);
        t.Execute("UPDATE resource SET deleted = NULL WHERE id = @id", new { id });
        t.Execute(
            "UPDATE resource_count SET total = total + 1 WHERE kind = @Kind AND group_id = @GroupId",
            new { Kind = kind.Name, deleted.GroupId }
        );
        SearchText.Set(t, id, kind.Name, Texts(new Content(deleted.Name, deleted.Description, new { })));
        Audit.Write(t, caller, "restore", kind.Name, id);
    }

    /// <summary>The newest snapshot of a living resource that the caller may see.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public static Versioned Get(ISession s, ResourceKind kind, Caller caller, long id, long? parent = null) =>
        Find(s, kind, caller, id, parent) ?? throw kind.NotFound(id, parent);

    /// <summary>As <see cref="Get"/>, also checking that the caller may change it.</summary>
    public static Versioned GetToChange(ISession s, ResourceKind kind, Caller caller, long id, long? parent = null)
    {
        var found = Get(s, kind, caller, id, parent);
        caller.Require(found.GroupId, Role.Contributor);
        return found;
    }

    public static Versioned? Find(ISession s, ResourceKind kind, Caller caller, long id, long? parent = null) =>
        FindBare(s, kind, caller, id, parent) is { } found ? WithTags(s, [found])[0] : null;

    /// <summary>As <see cref="Get"/>, without its tags: for what is not shown.</summary>
    public static Versioned GetBare(ISession s, ResourceKind kind, Caller caller, long id) =>
        FindBare(s, kind, caller, id, null) ?? throw kind.NotFound(id);

    /// <summary>
    /// The kind is hidden from SQLite: it asks of every index that holds only some kinds whether this is one of them, and for
    /// that prepares the statement again each time.
    /// </summary>
    private static Versioned? FindBare(ISession s, ResourceKind kind, Caller caller, long id, long? parent) =>
        s.First<Versioned>(
            Newest
                + "WHERE r.id = @id AND COALESCE(r.kind, '') = @Kind AND r.deleted IS NULL AND r.group_id = ANY(@Visible) "
                + (parent is null ? "" : "AND r.parent_id = @parent"),
            new
            {
                id,
                Kind = kind.Name,
                caller.Visible,
                parent,
            }
        );

    /// <summary>One snapshot of a living resource.</summary>
    public static Versioned GetSnapshot(
        ISession s,
        ResourceKind kind,
        Caller caller,
        long id,
        long snapshot,
        long? parent = null
    )
    {
        Get(s, kind, caller, id, parent);
        return FindSnapshot(s, kind, id, snapshot)
            ?? throw new NotFoundException(
                kind.Name + "_snapshot",
                ("resource_id", id),
                ("resource_snapshot_id", snapshot)
            );
    }

    /// <summary>A snapshot whether or not its resource still lives: for what has pinned it.</summary>
    public static Versioned? FindSnapshot(ISession s, ResourceKind kind, long id, long snapshot) =>
        WithTags(
                s,
                s.Query<Versioned>(
                    AnySnapshot + "WHERE r.id = @id AND r.kind = @Kind AND s.id = @snapshot",
                    new
                    {
                        id,
                        Kind = kind.Name,
                        snapshot,
                    }
                )
            )
            .FirstOrDefault();

    /// <summary>Snapshots by a WHERE over <c>s</c>, oldest first.</summary>
    public static IReadOnlyList<Versioned> Snapshots(ISession s, string where, object args) =>
        WithTags(s, s.Query<Versioned>($"{AnySnapshot}WHERE {where} ORDER BY s.id", args));

    /// <summary>The newest snapshots of resources that a list has found, in the order of these ids.</summary>
    public static IReadOnlyList<Versioned> OfIds(ISession s, IReadOnlyList<long> ids)
    {
        if (ids.Count == 0)
        {
            return [];
        }

        var rows = s.Query<Versioned>(Newest + "WHERE r.id = ANY(@Ids)", new { Ids = ids.ToArray() })
            .ToDictionary(r => r.Id);
        return WithTags(s, [.. ids.Select(id => rows[id])]);
    }

    /// <summary>The living resources of a kind among these ids, in the order asked; unknown ones are told together.</summary>
    public static IReadOnlyList<Versioned> GetMany(
        ISession s,
        ResourceKind kind,
        Caller caller,
        IReadOnlyList<long> ids
    )
    {
        if (ids.Count == 0)
        {
            return [];
        }

        // The kind is hidden from SQLite, which would walk all of the kind instead of going to these ids.
        var found = s.Query<Versioned>(
                Newest
                    + "WHERE r.id = ANY(@Ids) AND COALESCE(r.kind, '') = @Kind AND r.deleted IS NULL AND r.group_id = ANY(@Visible)",
                new
                {
                    Ids = ids.ToArray(),
                    Kind = kind.Name,
                    caller.Visible,
                }
            )
            .ToDictionary(r => r.Id);
        var missing = ids.Where(id => !found.ContainsKey(id)).Distinct().ToList();
        return missing.Count == 0
            ? [.. ids.Distinct().Select(id => found[id])]
            : throw new NotFoundException(
                kind.Name,
                ("num_expected", ids.Count),
                ("num_found", found.Count),
                ("ids_not_found", missing)
            );
    }

    /// <summary>The id of the living resource that has this name in a group, or below a parent.</summary>
    public static long? Named(ISession s, ResourceKind kind, long group, string name, long? parent = null) =>
        s.First<long?>(
            "SELECT id FROM resource WHERE kind = @Kind AND group_id = @group AND COALESCE(parent_id, 0) = @Parent "
                + "AND name = @name AND deleted IS NULL",
            new
            {
                Kind = kind.Name,
                group,
                Parent = parent ?? 0,
                name,
            }
        );

    /// <summary>Whether the newest snapshot holds exactly this.</summary>
    public static bool Says(ISession s, Versioned current, Content content) =>
        s.Scalar<string>("SELECT digest FROM snapshot WHERE id = @Head", new { current.Head })
        == Digest(content, Json(content.Payload));

    /// <summary>Adds the tags of all rows with one query.</summary>
    public static IReadOnlyList<Versioned> WithTags(ISession s, IReadOnlyList<Versioned> rows)
    {
        if (rows.Count == 0)
        {
            return rows;
        }

        var tags = s.Query<TagRow>(
                "SELECT rt.resource_id, t.id, t.name, t.group_id, g.name AS group_name FROM resource_tag rt "
                    + "JOIN tag t ON t.id = rt.tag_id JOIN user_group g ON g.id = t.group_id "
                    + "WHERE rt.resource_id = ANY(@Ids) ORDER BY t.id",
                new { Ids = rows.Select(r => r.Id).Distinct().ToArray() }
            )
            .ToLookup(t => t.ResourceId);
        foreach (var row in rows)
        {
            row.Tags = [.. tags[row.Id]];
        }

        return rows;
    }

    /// <param name="before">The snapshot that this one follows; if another has come since, the work begins again.</param>
    private static long AddSnapshot(
        ITransaction t,
        ResourceKind kind,
        Caller caller,
        long id,
        long before,
        Content content
    )
    {
        var snapshot = t.NextId(Sequence.Snapshot);
        var payload = Json(content.Payload);
        var args = new
        {
            snapshot,
            id,
            before,
            Author = caller.UserId,
            t.Now,
            content.Name,
            Folded = content.Name is null ? null : Wire.Fold(content.Name),
            content.Description,
            payload,
            Digest = Digest(content, payload),
        };
        t.Execute(
            "INSERT INTO snapshot (id, resource_id, number, author_id, created, name, description, payload, digest) "
                + "SELECT @snapshot, @id, COALESCE(MAX(number), 0) + 1, @Author, @Now, @Name, @Description, @payload, @Digest "
                + "FROM snapshot WHERE resource_id = @id",
            args
        );
        var changed = t.Execute(
            "UPDATE resource SET head = @snapshot, modified = @Now, name = @Name, folded = @Folded, "
                + "description = @Description WHERE id = @id AND head = @before",
            args
        );
        if (changed != 1)
        {
            throw new ConcurrentChangeException($"{kind.Name} {id} was changed by others at the same moment.");
        }

        SearchText.Set(t, id, kind.Name, Texts(content));
        Audit.Write(t, caller, "write", kind.Name, id);
        return snapshot;
    }

    internal static IReadOnlyList<(string Field, string Text)> Texts(Content content) =>
        [
            .. content.Name is { } name ? [(SearchText.Name, name)] : Array.Empty<(string, string)>(),
            .. content.Description is { } described
                ? [(SearchText.Description, described)]
                : Array.Empty<(string, string)>(),
            .. content.Texts ?? [],
        ];

    /// <exception cref="AlreadyExistsException">Another living resource of the kind has the name there.</exception>
    internal static void RequireFreeName(
        ISession s,
        ResourceKind kind,
        long group,
        string? name,
        long? parent,
        long? self
    )
    {
        if (name is null)
        {
            return;
        }

        if (Named(s, kind, group, name, parent) is { } id && id != self)
        {
            throw kind.Taken(id, name, group, parent);
        }
    }

    private static string Json(object payload) =>
        JsonSerializer.Serialize(payload, payload.GetType(), JsonSerializerOptions.Web);

    private static string Digest(Content content, string payload) =>
        Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes($"{content.Name}\n{content.Description}\n{payload}"))
        );
}
