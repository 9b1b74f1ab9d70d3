using Alidade.Server.Pages.Parts;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;

namespace Alidade.Server.Pages.Web;

/// <summary>The part of a list that a page's address asks for.</summary>
internal static class PagedList
{
    /// <summary>Loads it; a search that cannot be read leaves the list whole, with the sentence that says why.</summary>
    public static async Task<(Page<T> Page, string? Error)> LoadAsync<T>(
        Func<Listing, Task<Page<T>>> load,
        Address address,
        int length,
        bool newestFirst = false
    )
    {
        _ = long.TryParse(address["index"], out var index);
        var listing = new Listing(
            address["search"] ?? "",
            SortBy: newestFirst ? "id" : null,
            Descending: newestFirst,
            Index: Math.Max(0, index),
            PageLength: length
        );
        try
        {
            return (await load(listing), null);
        }
        catch (ApiException e) when (e.Status == StatusCodes.Status422UnprocessableEntity)
        {
            return (await load(listing with { Search = "" }), e.Message);
        }
    }
}
