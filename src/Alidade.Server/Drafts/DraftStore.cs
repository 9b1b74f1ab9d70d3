using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Drafts;

/// <summary>The rows of drafts. Every read of one names the caller: nobody sees or touches another's draft.</summary>
internal static class DraftStore
{
    private const string Select =
        "SELECT d.id, d.kind, d.user_id, u.username, d.group_id, g.name AS group_name, d.parent_id, d.resource_id, "
        + "d.base_snapshot, d.payload, d.created, d.modified FROM draft d "
        + "JOIN user_account u ON u.id = d.user_id JOIN user_group g ON g.id = d.group_id ";

    private const string Own = "WHERE d.user_id = @UserId AND d.group_id = ANY(@Visible) ";

    public static DraftRow? Find(ISession s, Caller caller, long id) =>
        s.First<DraftRow>(
            Select + Own + "AND d.id = @id",
            new
            {
                caller.UserId,
                caller.Visible,
                id,
            }
        );

    /// <summary>The caller's draft of a resource.</summary>
    public static DraftRow? Of(ISession s, Caller caller, long resource) =>
        s.First<DraftRow>(
            Select + Own + "AND d.resource_id = @resource",
            new
            {
                caller.UserId,
                caller.Visible,
                resource,
            }
        );

    /// <summary>How many others have a draft of a resource; closed accounts do not count.</summary>
    public static long Others(ISession s, Caller caller, long resource) =>
        s.Scalar<long>(
            "SELECT COUNT(*) FROM draft d JOIN user_account u ON u.id = d.user_id AND u.deleted IS NULL "
                + "WHERE d.resource_id = @resource AND d.user_id <> @UserId",
            new { resource, caller.UserId }
        );

    public static (IReadOnlyList<DraftRow> Rows, long Total) Page(
        ISession s,
        ResourceKind kind,
        Caller caller,
        DraftListing drafts,
        long? parent
    )
    {
        var where =
            "WHERE d.user_id = @UserId AND d.kind = @Kind AND d.group_id = ANY(@Groups)"
            + (parent is null ? "" : " AND d.parent_id = @parent")
            + drafts.Type switch
            {
                DraftListing.New => " AND d.resource_id IS NULL",
                DraftListing.Existing => " AND d.resource_id IS NOT NULL",
                _ => "",
            };
        var args = new
        {
            caller.UserId,
            Kind = kind.Name,
            Groups = ResourceLists.Groups(caller, drafts.Listing.GroupId),
            parent,
            drafts.Listing.Limit,
            Offset = drafts.Listing.Index,
        };
        var rows = s.Query<DraftRow>($"{Select}{where} ORDER BY d.id LIMIT @Limit OFFSET @Offset", args);
        return (rows, s.Scalar<long>($"SELECT COUNT(*) FROM draft d {where}", args));
    }

    /// <summary>Shows on each resource whether the caller has a draft of it, with one query for all.</summary>
    public static IReadOnlyList<Versioned> Mark(ISession s, Caller caller, IReadOnlyList<Versioned> rows)
    {
        if (rows.Count == 0)
        {
            return rows;
        }

        var drafted = s.Query<long>(
                "SELECT resource_id FROM draft WHERE user_id = @UserId AND resource_id = ANY(@Ids)",
                new { caller.UserId, Ids = rows.Select(r => r.Id).ToArray() }
            )
            .ToHashSet();
        foreach (var row in rows)
        {
            row.HasDraft = drafted.Contains(row.Id);
        }

        return rows;
    }

    /// <param name="of">The resource that is edited; null for one to come.</param>
    public static long Insert(
        ITransaction t,
        ResourceKind kind,
        Caller caller,
        long group,
        long? parent,
        Versioned? of,
        string payload
    )
    {
        var id = t.Scalar<long>(
            "INSERT INTO draft (kind, user_id, group_id, parent_id, resource_id, base_snapshot, payload, created, modified) "
                + "VALUES (@Kind, @UserId, @group, @parent, @Resource, @Base, @payload, @Now, @Now) RETURNING id",
            new
            {
                Kind = kind.Name,
                caller.UserId,
                group,
                parent,
                Resource = of?.Id,
                Base = of?.Snapshot,
                payload,
                t.Now,
            }
        );
        Audit.Write(t, caller, "write", "draft", id);
        return id;
    }

    public static void Update(ITransaction t, Caller caller, long id, long? baseSnapshot, string payload)
    {
        t.Execute(
            "UPDATE draft SET payload = @payload, base_snapshot = @baseSnapshot, modified = @Now WHERE id = @id",
            new
            {
                id,
                baseSnapshot,
                payload,
                t.Now,
            }
        );
        Audit.Write(t, caller, "write", "draft", id);
    }

    public static void Delete(ITransaction t, Caller caller, long id)
    {
        t.Execute("DELETE FROM draft WHERE id = @id", new { id });
        Audit.Write(t, caller, "delete", "draft", id);
    }

    /// <summary>As <see cref="Delete"/>, for a draft that must still be what was read.</summary>
    public static void Take(ITransaction t, Caller caller, DraftRow draft)
    {
        if (t.Execute("DELETE FROM draft WHERE id = @Id AND modified = @Modified", draft) == 0)
        {
            throw new ConcurrentChangeException($"Draft {draft.Id} was changed while it was committed.");
        }

        Audit.Write(t, caller, "delete", "draft", draft.Id);
    }

    /// <summary>What was to become of a resource, or of something below it, goes with it, whoever wrote it.</summary>
    public static void DeleteOf(ITransaction t, long resource) =>
        t.Execute("DELETE FROM draft WHERE resource_id = @resource OR parent_id = @resource", new { resource });
}
