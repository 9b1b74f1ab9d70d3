using Alidade.Server.Experiments;
using Alidade.Server.Groups;
using Alidade.Server.Jobs;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Pages.Shell;

/// <summary>Reads what the frame around every page shows.</summary>
internal sealed class ViewerLoader(GroupService groups, ExperimentService experiments, JobCounts counts)
{
    private static readonly Listing One = new(PageLength: 1);

    public async Task<Viewer> LoadAsync(Caller caller, CancellationToken cancellation)
    {
        var group = (await groups.ListAsync(caller, One, cancellation)).Data.FirstOrDefault();
        var experimentCount = (await experiments.ListAsync(caller, One, cancellation)).TotalNumResults;
        var live = await counts.LiveAsync(caller, cancellation);
        return new Viewer(caller.Username, group?.Name ?? "No group", experimentCount, live.Running);
    }
}
