using Alidade.Server.Entrypoints;
using Alidade.Server.Experiments;
using Alidade.Server.Pages.Jobs;
using Alidade.Server.Pages.Parts;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Pages.Entrypoints;

/// <summary>Entrypoints and their graphs.</summary>
internal static class EntrypointPages
{
    public static void MapEntrypointPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/entrypoints", ListAsync);
        pages.MapGet("/entrypoints/{id:long}", ShowAsync);
    }

    private static async Task<IResult> ListAsync(Caller caller, HttpContext context, EntrypointService entrypoints)
    {
        var address = Address.Of(context.Request);
        var (page, error) = await PagedList.LoadAsync(
            listing => entrypoints.ListAsync(caller, listing, context.RequestAborted),
            address,
            EntrypointsModel.PageLength
        );
        var model = new EntrypointsModel(
            address,
            [.. page.Data.Select(ItemOf)],
            page.Index,
            page.TotalNumResults,
            error
        );
        return PageResults.Page<EntrypointsPage>(new { Model = model });
    }

    private static async Task<IResult> ShowAsync(
        long id,
        Caller caller,
        HttpContext context,
        EntrypointService entrypoints,
        ExperimentService experiments
    )
    {
        var entrypoint = await entrypoints.GetAsync(caller, id, context.RequestAborted);
        var all = await experiments.ListAsync(
            caller,
            new Listing(PageLength: Listing.LongestPage),
            context.RequestAborted
        );
        var model = new EntrypointModel(
            ItemOf(entrypoint),
            entrypoint.Snapshot,
            entrypoint.User.Username,
            entrypoint.TaskGraph
        )
        {
            Outputs = entrypoint.ArtifactGraph,
            Steps = EntrypointOutline.Of(entrypoint),
            Parameters =
            [
                .. entrypoint.Parameters.Select(p => new EntrypointParameter(p.Name, p.ParameterType, p.DefaultValue)),
            ],
            Plugins =
            [
                .. entrypoint
                    .Plugins.Concat(entrypoint.ArtifactPlugins)
                    .DistinctBy(p => p.Id)
                    .Select(p => new Named(p.Id, p.Name)),
            ],
            Experiments =
            [
                .. all.Data.Where(e => e.Entrypoints.Any(one => one.Id == id)).Select(e => new Named(e.Id, e.Name)),
            ],
        };
        return PageResults.Page<EntrypointPage>(new { Model = model });
    }

    private static EntrypointItem ItemOf(EntrypointView entrypoint) =>
        new(
            entrypoint.Id,
            entrypoint.Name,
            entrypoint.Description,
            entrypoint.Group.Name,
            WireTime.Read(entrypoint.LastModifiedOn),
            entrypoint.Parameters.Count,
            [.. entrypoint.Plugins.Select(plugin => plugin.Name)],
            [.. entrypoint.Queues.Select(queue => queue.Name)]
        );
}
