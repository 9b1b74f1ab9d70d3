using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Tags;
using Alidade.Storage.Platform;

namespace Alidade.Server.Drafts;

/// <summary>Unpublished edits of every kind of resource, each its author's own.</summary>
public sealed class DraftService(Stores stores, IEnumerable<IDraftable> kinds)
{
    private readonly Dictionary<string, IDraftable> _kinds = kinds.ToDictionary(k => k.Kind.Name);

    public Task<Page<DraftView>> ListAsync(
        Caller caller,
        Place place,
        DraftListing drafts,
        CancellationToken cancellation
    ) =>
        stores.Core.ReadAsync(
            s =>
            {
                RequireParent(s, caller, place);
                var (rows, total) = DraftStore.Page(s, place.Kind, caller, drafts, place.Parent);
                return Page.Of(
                    place.Path,
                    drafts.Listing,
                    total,
                    [.. rows.Select(r => DraftView.Of(r))],
                    (DraftListing.LinkName, drafts.Type)
                );
            },
            cancellation
        );

    public Task<DraftView> GetAsync(Caller caller, Place place, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => DraftView.Of(Get(s, caller, place, id)), cancellation);

    /// <param name="group">Where the resource will be; null below a parent, whose group it shares.</param>
    public Task<DraftView> CreateAsync(
        Caller caller,
        Place place,
        long? group,
        string payload,
        CancellationToken cancellation
    ) =>
        stores.Core.WriteAsync(
            t =>
            {
                var owner = group ?? RequireParent(t, caller, place)!.GroupId;
                caller.Require(owner, Role.Contributor);
                var id = DraftStore.Insert(t, place.Kind, caller, owner, place.Parent, of: null, payload);
                return DraftView.Of(Get(t, caller, place, id));
            },
            cancellation: cancellation
        );

    public Task<DraftView> ReplaceAsync(
        Caller caller,
        Place place,
        long id,
        string payload,
        CancellationToken cancellation
    ) =>
        stores.Core.WriteAsync(
            t =>
            {
                var draft = Get(t, caller, place, id);
                if (draft.ResourceId is not null)
                {
                    throw DraftErrors.IsModification(draft);
                }

                DraftStore.Update(t, caller, id, baseSnapshot: null, payload);
                return DraftView.Of(Get(t, caller, place, id));
            },
            cancellation: cancellation
        );

    public Task<Deletion> DeleteAsync(Caller caller, Place place, long id, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                DraftStore.Delete(t, caller, Get(t, caller, place, id).Id);
                return Deletion.Of(id);
            },
            cancellation: cancellation
        );

    /// <summary>The caller's draft of a resource.</summary>
    public Task<DraftView> OfAsync(Caller caller, Target target, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => View(s, caller, Of(s, caller, target)), cancellation);

    public Task<DraftView> StartAsync(Caller caller, Target target, string payload, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var current = Resources.GetToChange(t, target.Kind, caller, target.Id, target.Parent);
                _kinds[target.Kind.Name].RequireChangeable(current);
                if (DraftStore.Of(t, caller, target.Id) is { } existing)
                {
                    throw DraftErrors.Exists(existing);
                }

                DraftStore.Insert(t, target.Kind, caller, current.GroupId, current.ParentId, current, payload);
                return View(t, caller, Of(t, caller, target));
            },
            cancellation: cancellation
        );

    /// <summary>Changes the caller's draft of a resource; a newer base says that it has been merged with that.</summary>
    public Task<DraftView> RebaseAsync(
        Caller caller,
        Target target,
        long onSnapshot,
        string payload,
        CancellationToken cancellation
    ) =>
        stores.Core.WriteAsync(
            t =>
            {
                var draft = Of(t, caller, target);
                if (onSnapshot < draft.BaseSnapshot)
                {
                    throw DraftErrors.OlderBase(draft, onSnapshot);
                }

                if (Resources.FindSnapshot(t, target.Kind, target.Id, onSnapshot) is null)
                {
                    throw DraftErrors.ForeignBase(draft, onSnapshot);
                }

                DraftStore.Update(t, caller, draft.Id, onSnapshot, payload);
                return View(t, caller, Of(t, caller, target));
            },
            cancellation: cancellation
        );

    public Task<Deletion> DiscardAsync(Caller caller, Target target, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var draft = Of(t, caller, target);
                DraftStore.Delete(t, caller, draft.Id);
                return Deletion.Of(draft.Id);
            },
            cancellation: cancellation
        );

    /// <summary>Makes the resource, or changes it, as an ordinary call would; with that the draft is gone.</summary>
    public async Task<Deletion> CommitAsync(Caller caller, long id, CancellationToken cancellation)
    {
        var draft =
            await stores.Core.ReadAsync(s => DraftStore.Find(s, caller, id), cancellation)
            ?? throw DraftErrors.Missing(id);
        var kind = _kinds[draft.Kind];
        var publish = await kind.PrepareAsync(caller, draft, cancellation);
        var (ids, head) = await stores.Core.WriteAsync(
            t => Commit(t, kind, caller, draft, publish),
            cancellation: cancellation
        );
        if (ids is null)
        {
            long[] snapshots = [draft.BaseSnapshot!.Value, head];
            throw DraftErrors.Stale(draft, head, await kind.SnapshotsAsync(caller, draft, snapshots, cancellation));
        }

        return Deletion.Of(ids);
    }

    /// <returns>The ids of what was written; null when the resource has moved on, to <c>Head</c>.</returns>
    private static (IReadOnlyList<long>? Ids, long Head) Commit(
        ITransaction t,
        IDraftable kind,
        Caller caller,
        DraftRow draft,
        Publish publish
    )
    {
        var current = draft.ResourceId is { } resource
            ? Resources.GetToChange(t, kind.Kind, caller, resource, draft.ParentId)
            : null;
        if (current?.Head != draft.BaseSnapshot)
        {
            return (null, current!.Head);
        }

        DraftStore.Take(t, caller, draft);
        return (publish(t, current), 0);
    }

    private static Versioned? RequireParent(ISession s, Caller caller, Place place) =>
        place.Parent is { } parent ? Resources.Get(s, ResourceKind.Plugin, caller, parent) : null;

    private static DraftRow Get(ISession s, Caller caller, Place place, long id)
    {
        RequireParent(s, caller, place);
        return
            DraftStore.Find(s, caller, id) is { } draft
            && draft.Kind == place.Kind.Name
            && draft.ParentId == place.Parent
            ? draft
            : throw DraftErrors.Missing(id);
    }

    private static DraftRow Of(ISession s, Caller caller, Target target)
    {
        Resources.Get(s, target.Kind, caller, target.Id, target.Parent);
        return DraftStore.Of(s, caller, target.Id) ?? throw DraftErrors.MissingFor(target.Id);
    }

    private static DraftView View(ISession s, Caller caller, DraftRow draft) =>
        DraftView.Of(draft, DraftStore.Others(s, caller, draft.ResourceId!.Value));
}

/// <summary>Where the drafts of a kind lie.</summary>
/// <param name="Parent">The plugin of files.</param>
public sealed record Place(ResourceKind Kind, long? Parent)
{
    internal string Path => Parent is { } plugin ? $"plugins/{plugin}/files/drafts" : $"{Kind.Collection}/drafts";
}
