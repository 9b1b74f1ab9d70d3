using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Security;
using Alidade.Server.Tags;
using Alidade.Storage.Platform;

namespace Alidade.Server.Platform.Resources;

/// <summary>The routes of a link below its owner: list, add, replace, remove all, remove one.</summary>
public static class LinkApi
{
    public static void MapLinks(this RouteGroupBuilder routes, Links links)
    {
        var path = routes.MapGroup("/{id:long}/" + links.Target.Collection);
        path.MapGet(
                "/",
                (long id, Caller caller, Stores stores, CancellationToken c) =>
                    stores.Core.ReadAsync(s => Of(s, Resources.Get(s, links.Owner, caller, id).Id), c)
            )
            .WithSummary($"List its {links.Target.Collection}");
        path.MapPost(
                "/",
                (long id, Input<IdList> input, Caller caller, Stores stores, CancellationToken c) =>
                    Change(stores, caller, id, (t, from, owner) => links.Add(t, from, owner, input.Value.Ids), c)
            )
            .WithSummary($"Add {links.Target.Collection} to it");
        path.MapPut(
                "/",
                (long id, Input<IdList> input, Caller caller, Stores stores, CancellationToken c) =>
                    Change(stores, caller, id, (t, from, owner) => links.Replace(t, from, owner, input.Value.Ids), c)
            )
            .WithSummary($"Replace its {links.Target.Collection}");
        path.MapDelete(
                "/",
                async (long id, Caller caller, Stores stores, CancellationToken c) =>
                {
                    var before = await stores.Core.ReadAsync(s => Of(s, id), c);
                    await Change(stores, caller, id, (t, _, owner) => links.Clear(t, owner), c);
                    return Deletion.Of([.. before.Select(b => b.Id)]);
                }
            )
            .WithSummary($"Remove all its {links.Target.Collection}");
        path.MapDelete(
                "/{target:long}",
                async (long id, long target, Caller caller, Stores stores, CancellationToken c) =>
                {
                    await Change(stores, caller, id, (t, _, owner) => links.Remove(t, owner, target), c);
                    return Deletion.Of(target);
                }
            )
            .WithSummary($"Remove one of its {links.Target.Collection}");

        IReadOnlyList<ResourceRef> Of(ISession s, long owner) => [.. links.Of(s, [owner])[owner]];

        Task<IReadOnlyList<ResourceRef>> Change(
            Stores stores,
            Caller caller,
            long id,
            Action<ITransaction, Caller, long> change,
            CancellationToken cancellation
        ) =>
            stores.Core.WriteAsync(
                t =>
                {
                    var owner = Resources.GetToChange(t, links.Owner, caller, id);
                    change(t, caller.ReferringFrom(owner.GroupId), id);
                    Audit.Write(t, caller, "link", links.Owner.Name, id, links.Target.Collection);
                    return Of(t, id);
                },
                cancellation: cancellation
            );
    }
}
