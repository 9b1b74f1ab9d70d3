using Alidade.Server.Groups;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Pages.Shell;

/// <summary>Reads what the frame around every page shows.</summary>
internal sealed class ViewerLoader(GroupService groups)
{
    private static readonly Listing One = new(PageLength: 1);

    public async Task<Viewer> LoadAsync(Caller caller, CancellationToken cancellation)
    {
        var group = (await groups.ListAsync(caller, One, cancellation)).Data.FirstOrDefault();
        return new Viewer(caller.Username, group?.Name ?? "No group", 0, 0);
    }
}
