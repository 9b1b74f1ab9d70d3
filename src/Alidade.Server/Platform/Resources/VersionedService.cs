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
public abstract class VersionedService<TInput, TChange, TView>(Stores stores, ResourceKind kind)
    where TInput : class
    where TChange : class
    where TView : ResourceView
{
    public ResourceKind Kind => kind;

    protected Stores Stores => stores;

    public Task<TView> CreateAsync(Caller caller, TInput input, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var group = GroupOf(input);
                caller.Require(group, Role.Contributor);
                var change = ChangeOf(input);
                var id = Resources.Create(t, kind, caller, group, ContentOf(t, caller, group, change, null));
                AfterCreate(t, caller, Resources.Get(t, kind, caller, id), input);
                return View(t, caller, id);
            },
            cancellation: cancellation
        );

    public Task<TView> ModifyAsync(Caller caller, long id, TChange change, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var current = Resources.GetToChange(t, kind, caller, id);
                Resources.Revise(t, kind, caller, current, ContentOf(t, caller, current.GroupId, change, current));
                AfterChange(t, caller, current, Resources.Get(t, kind, caller, id), change);
                return View(t, caller, id);
            },
            cancellation: cancellation
        );

    public Task<Deletion> DeleteAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var current = Resources.GetToChange(t, kind, caller, id);
                BeforeDelete(t, caller, current);
                Resources.Delete(t, kind, caller, current);
                return Deletion.Of(id);
            },
            cancellation: cancellation
        );

    public Task<TView> GetAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => View(s, caller, id), cancellation);

    public Task<Page<TView>> ListAsync(Caller caller, Listing listing, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                var (rows, total) = ResourceLists.Page(s, kind, caller, listing);
                return Page.Of(kind.Collection, listing, total, Views(s, caller, rows, asSnapshot: false));
            },
            cancellation
        );

    public Task<Page<TView>> SnapshotsAsync(Caller caller, long id, Listing listing, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                var (rows, total) = ResourceLists.Snapshots(s, kind, caller, id, listing);
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

    protected TView View(ISession s, Caller caller, long id) =>
        Views(s, caller, [Resources.Get(s, kind, caller, id)], asSnapshot: false)[0];

    /// <summary>What the next snapshot holds; refuses what cannot be.</summary>
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

    protected abstract long GroupOf(TInput input);

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
