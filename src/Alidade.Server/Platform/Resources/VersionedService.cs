using Alidade.Server.Drafts;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Platform.Resources;

/// <summary>
/// What every kind of versioned resource can do, written once. A kind says what a snapshot of it holds and how it looks.
/// </summary>
/// <typeparam name="TInput">The body that creates one.</typeparam>
/// <typeparam name="TChange">The body that changes one: the same without what cannot change.</typeparam>
/// <typeparam name="TView">How one looks on the wire.</typeparam>
public abstract class VersionedService<TInput, TChange, TView>(Stores stores, ResourceKind kind) : IDraftable
    where TInput : class
    where TChange : class
    where TView : ResourceView
{
    public ResourceKind Kind => kind;

    protected Stores Stores => stores;

    public Task<TView> CreateAsync(Caller caller, TInput input, CancellationToken cancellation) =>
        stores.Core.WriteAsync(t => View(t, caller, Create(t, caller, input)), cancellation: cancellation);

    public Task<TView> ModifyAsync(Caller caller, long id, TChange change, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                Modify(t, caller, Resources.GetToChange(t, kind, caller, id), change);
                return View(t, caller, id);
            },
            cancellation: cancellation
        );

    public Task<Deletion> DeleteAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                Delete(t, caller, Resources.GetToChange(t, kind, caller, id));
                return Deletion.Of(id);
            },
            cancellation: cancellation
        );

    public Task<TView> GetAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
                Views(s, caller, DraftStore.Mark(s, caller, [Resources.Get(s, kind, caller, id)]), asSnapshot: false)[
                    0
                ],
            cancellation
        );

    public Task<Page<TView>> ListAsync(Caller caller, Listing listing, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                var (rows, total) = ResourceLists.Page(s, kind, caller, listing);
                var views = Views(s, caller, DraftStore.Mark(s, caller, rows), asSnapshot: false);
                return Page.Of(kind.Collection, listing, total, views);
            },
            cancellation
        );

    public Task<Page<TView>> SnapshotsAsync(Caller caller, long id, Listing listing, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                var (rows, total) = SnapshotLists.Page(s, kind, caller, id, listing);
                return Page.Of(
                    $"{kind.Collection}/{id}/snapshots",
                    listing,
                    total,
                    Views(s, caller, rows, asSnapshot: true)
                );
            },
            cancellation
        );

    public Task<TView> SnapshotAsync(Caller caller, long id, long snapshot, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s => Views(s, caller, [Resources.GetSnapshot(s, kind, caller, id, snapshot)], asSnapshot: true)[0],
            cancellation
        );

    /// <summary>As <see cref="CreateAsync"/>, in a transaction that does more.</summary>
    /// <returns>The resource's id.</returns>
    internal long Create(ITransaction t, Caller caller, TInput input)
    {
        var group = GroupOf(input);
        caller.Require(group, Role.Contributor);
        var from = caller.ReferringFrom(group);
        var (id, _) = Resources.Create(t, kind, caller, group, ContentOf(t, from, group, ChangeOf(input), null));
        AfterCreate(t, from, Resources.Get(t, kind, caller, id), input);
        return id;
    }

    /// <summary>As <see cref="ModifyAsync"/>, in a transaction that does more.</summary>
    /// <param name="current">Read with <see cref="Resources.GetToChange"/>.</param>
    internal void Modify(ITransaction t, Caller caller, Versioned current, TChange change)
    {
        RequireChangeable(current);
        var from = caller.ReferringFrom(current.GroupId);
        Resources.Revise(t, kind, caller, current, ContentOf(t, from, current.GroupId, change, current));
        AfterChange(t, from, current, Resources.Get(t, kind, caller, current.Id), change);
    }

    /// <summary>As <see cref="DeleteAsync"/>, in a transaction that does more.</summary>
    /// <param name="current">Read with <see cref="Resources.GetToChange"/>.</param>
    internal void Delete(ITransaction t, Caller caller, Versioned current)
    {
        RequireChangeable(current);
        BeforeDelete(t, caller, current);
        Resources.Delete(t, kind, caller, current);
    }

    /// <summary>Whether a change would say what the newest snapshot says already.</summary>
    internal bool Says(ISession s, Caller caller, Versioned current, TChange change) =>
        Resources.Says(
            s,
            current,
            ContentOf(s, caller.ReferringFrom(current.GroupId), current.GroupId, change, current)
        );

    Task<Publish> IDraftable.PrepareAsync(Caller caller, DraftRow draft, CancellationToken cancellation) =>
        Task.FromResult<Publish>(
            draft.ResourceId is null
                ? (t, _) => [Create(t, caller, draft.Read<TInput>())]
                : (t, current) =>
                {
                    Modify(t, caller, current!, draft.Read<TChange>());
                    return [current!.Id];
                }
        );

    Task<IReadOnlyList<object>> IDraftable.SnapshotsAsync(
        Caller caller,
        DraftRow draft,
        IReadOnlyList<long> snapshots,
        CancellationToken cancellation
    ) =>
        stores.Core.ReadAsync<IReadOnlyList<object>>(
            s =>
                Views(
                    s,
                    caller,
                    [.. snapshots.Select(n => Resources.GetSnapshot(s, kind, caller, draft.ResourceId!.Value, n))],
                    asSnapshot: true
                ),
            cancellation
        );

    /// <summary>Refuses a resource that nobody may change, be it by a change, a draft or its deletion.</summary>
    public virtual void RequireChangeable(Versioned current) { }

    protected TView View(ISession s, Caller caller, long id) =>
        Views(s, caller, [Resources.Get(s, kind, caller, id)], asSnapshot: false)[0];

    /// <summary>What the next snapshot holds; refuses what cannot be.</summary>
    /// <param name="caller">With only what this resource may refer to, here and after it was written.</param>
    /// <param name="current">The newest snapshot when one is being changed, null when one is created.</param>
    protected abstract Content ContentOf(ISession s, Caller caller, long group, TChange input, Versioned? current);

    /// <summary>How rows look on the wire; reads what they refer to for all rows at once.</summary>
    protected abstract IReadOnlyList<TView> Views(
        ISession s,
        Caller caller,
        IReadOnlyList<Versioned> rows,
        bool asSnapshot
    );

    protected abstract TChange ChangeOf(TInput input);

    /// <summary>The group that the new resource will be in.</summary>
    protected internal abstract long GroupOf(TInput input);

    /// <summary>Links of a new resource.</summary>
    protected virtual void AfterCreate(ITransaction t, Caller caller, Versioned created, TInput input) { }

    /// <summary>Links of a changed resource.</summary>
    protected virtual void AfterChange(
        ITransaction t,
        Caller caller,
        Versioned before,
        Versioned after,
        TChange change
    ) { }

    protected virtual void BeforeDelete(ITransaction t, Caller caller, Versioned current) { }
}
