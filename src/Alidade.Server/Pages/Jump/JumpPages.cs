using Alidade.Server.Pages.Parts;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Pages.Jump;

/// <summary>Search over everything: as a page, and as the list that the palette of every page shows.</summary>
internal static class JumpPages
{
    public static void MapJumpPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(
            "/jump",
            async (Caller caller, HttpContext context, JumpFinder finder) =>
                PageResults.Page<JumpPage>(new { Model = await ModelAsync(caller, context, finder) })
        );
        pages.MapGet(
            "/jump/found",
            async (Caller caller, HttpContext context, JumpFinder finder) =>
                PageResults.Page<FoundList>(new { Model = await ModelAsync(caller, context, finder) })
        );
    }

    private static async Task<JumpModel> ModelAsync(Caller caller, HttpContext context, JumpFinder finder)
    {
        var address = Address.Of(context.Request);
        var words = SearchWords.Of(address["search"]);
        return new JumpModel(address, words, await finder.FindAsync(caller, words, context.RequestAborted));
    }
}
