using System.Globalization;
using Alidade.Server.Pages.Parts;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform.Security;
using Alidade.Server.Trash;

namespace Alidade.Server.Pages.Trash;

/// <summary>What was deleted, to bring back or to delete for good.</summary>
internal static class TrashPages
{
    public static void MapTrashPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(
            "/trash",
            (Caller caller, HttpContext context, TrashService trash) => ShowAsync(caller, context, trash)
        );
        Map(
            "/trash/runs/{id}",
            (trash, caller, id, c) => trash.RestoreRunAsync(caller, id, c),
            (trash, caller, id, c) => trash.PurgeRunAsync(caller, id, c)
        );
        foreach (var kind in TrashKind.All)
        {
            Map(
                $"/trash/{kind.Address}/{{id:long}}",
                (trash, caller, id, c) =>
                    trash.RestoreAsync(caller, kind, long.Parse(id, CultureInfo.InvariantCulture), c),
                (trash, caller, id, c) =>
                    trash.PurgeAsync(caller, kind, long.Parse(id, CultureInfo.InvariantCulture), c)
            );
        }

        void Map(string path, Work restore, Work purge)
        {
            foreach (var (verb, work) in new[] { ("/restore", restore), ("/purge", purge) })
            {
                pages.MapPost(
                    path + verb,
                    (string id, Caller caller, HttpContext context, TrashService trash) =>
                        DoAsync(caller, context, trash, c => work(trash, caller, id, c))
                );
            }
        }
    }

    private delegate Task Work(TrashService trash, Caller caller, string id, CancellationToken cancellation);

    private static async Task<IResult> DoAsync(
        Caller caller,
        HttpContext context,
        TrashService trash,
        Func<CancellationToken, Task> work
    )
    {
        var errors = await FormErrors.TryAsync(() => work(context.RequestAborted));
        return errors is null
            ? PageResults.SeeOther("/trash")
            : await ShowAsync(caller, context, trash, errors.Values.First());
    }

    private static async Task<IResult> ShowAsync(
        Caller caller,
        HttpContext context,
        TrashService trash,
        string? problem = null
    )
    {
        var address = Address.Of(context.Request) with { Path = "/trash" };
        var (page, _) = await PagedList.LoadAsync(
            listing => trash.ListAsync(caller, listing, context.RequestAborted),
            address,
            TrashModel.PageLength
        );
        var items = page.Data.Select(item => ItemOf(item, caller)).ToList();
        var model = new TrashModel(address, items, page.Index, page.TotalNumResults, problem);
        return PageResults.Page<TrashPage>(
            new { Model = model },
            problem is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict
        );
    }

    private static TrashItem ItemOf(TrashView item, Caller caller) =>
        new(
            item.Kind == "modelVersion" ? "model version" : item.Kind,
            item.Name,
            item.Group.Name ?? "",
            $"/trash/{TrashKind.Collection(item.Kind)}/{Uri.EscapeDataString(item.Id)}",
            WireTime.Read(item.DeletedOn),
            item.PurgedOn is { } gone ? WireTime.Read(gone) : null,
            caller.Groups.GetValueOrDefault(item.Group.Id) >= Role.Contributor
        );
}
