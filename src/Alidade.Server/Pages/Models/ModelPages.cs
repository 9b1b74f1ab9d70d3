using Alidade.Server.Models;
using Alidade.Server.Pages.Parts;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Pages.Models;

/// <summary>The registry: models, and one version with where it comes from and went.</summary>
internal static class ModelPages
{
    public static void MapModelPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/models", ListAsync);
        pages.MapGet("/models/{id:long}", ShowAsync);
        pages.MapGet("/models/{id:long}/versions/{number:long}", VersionAsync);
    }

    private static async Task<IResult> ListAsync(
        Caller caller,
        HttpContext context,
        ModelService models,
        RegistryReader registry
    )
    {
        var address = Address.Of(context.Request);
        var (page, error) = await PagedList.LoadAsync(
            listing => models.ListAsync(caller, listing, context.RequestAborted),
            address,
            ModelsModel.PageLength
        );
        var aliases = await registry.AliasesAsync([.. page.Data.Select(m => m.Id)], context.RequestAborted);
        var rows = page.Data.Select(m => new ModelRow(
            m.Id,
            m.Name,
            m.Description,
            m.Versions.Count,
            m.LatestVersion?.VersionNumber,
            [.. aliases[m.Id].Select(a => $"{a.Alias} {a.Number}")],
            WireTime.Read(m.LastModifiedOn)
        ));
        return PageResults.Page<ModelsPage>(
            new { Model = new ModelsModel(address, [.. rows], page.Index, page.TotalNumResults, error) }
        );
    }

    private static async Task<IResult> ShowAsync(
        long id,
        Caller caller,
        HttpContext context,
        ModelService models,
        AliasService aliases,
        RegistryReader registry
    )
    {
        var stop = context.RequestAborted;
        var model = await models.GetAsync(caller, id, stop);
        var named = await aliases.ListAsync(caller, id, stop);
        var versions = await registry.VersionsAsync(id, stop);
        var moves = await aliases.HistoryAsync(caller, id, alias: null, stop);
        return PageResults.Page<ModelPage>(
            new
            {
                Model = new ModelModel(
                    id,
                    model.Name,
                    model.Description,
                    model.Group.Name,
                    WireTime.Read(model.CreatedOn),
                    [.. versions.Select(v => ItemOf(v, named))],
                    named,
                    moves
                ),
            }
        );
    }

    private static async Task<IResult> VersionAsync(
        long id,
        long number,
        Caller caller,
        HttpContext context,
        ModelService models,
        AliasService aliases,
        LineageService lineage,
        RegistryReader registry
    )
    {
        var stop = context.RequestAborted;
        var of = await lineage.OfVersionAsync(caller, id, number, stop);
        var model = await models.GetAsync(caller, id, stop);
        var named = await aliases.ListAsync(caller, id, stop);
        var version = (await registry.VersionsAsync(id, stop)).Single(v => v.Number == number);
        var finished = await registry.EvaluationsAsync(caller, id, number, stop);
        var tags = await registry.TagsAsync(version.Id, stop);
        return PageResults.Page<ModelVersionPage>(
            new
            {
                Model = new ModelVersionModel(
                    model.Name,
                    model.Group.Name,
                    ItemOf(version, named),
                    of,
                    [.. named.Where(a => a.Evaluations.Count > 0)],
                    finished,
                    tags,
                    version.Source
                ),
            }
        );
    }

    private static VersionItem ItemOf(RegisteredVersion version, IReadOnlyList<AliasView> aliases) =>
        new(
            version.ModelId,
            version.Number,
            version.Description,
            version.Stage is null or "None" ? null : version.Stage,
            [.. aliases.Where(a => a.VersionNumber == version.Number).Select(a => a.Alias)],
            DateTimeOffset.UnixEpoch.AddMicroseconds(version.Created)
        );
}
