using Alidade.Server.Artifacts;
using Alidade.Server.Pages.Jobs;
using Alidade.Server.Pages.Parts;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Pages.Artifacts;

/// <summary>What jobs handed over.</summary>
internal static class ArtifactPages
{
    public static void MapArtifactPages(this IEndpointRouteBuilder pages) => pages.MapGet("/artifacts", ListAsync);

    private static async Task<IResult> ListAsync(Caller caller, HttpContext context, ArtifactService artifacts)
    {
        var address = Address.Of(context.Request);
        var (page, error) = await PagedList.LoadAsync(
            listing => artifacts.ListAsync(caller, listing, outputTypes: null, context.RequestAborted),
            address,
            ArtifactsModel.PageLength
        );
        var model = new ArtifactsModel(address, [.. page.Data.Select(RowOf)], page.Index, page.TotalNumResults, error);
        return PageResults.Page<ArtifactsPage>(new { Model = model });
    }

    private static ArtifactRow RowOf(ArtifactView artifact)
    {
        var name = JobLoader.NameOf(artifact.ArtifactUri);
        return new ArtifactRow(
            name,
            $"/jobs/{artifact.Job}?view=artifacts&file={Uri.EscapeDataString(name)}",
            artifact.Job,
            artifact.IsDir ? "folder" : MediaTypes.Of(name),
            artifact.FileSize is { } size ? Say.Bytes(size) : Say.Nothing,
            artifact.Description,
            WireTime.Read(artifact.CreatedOn)
        );
    }
}
