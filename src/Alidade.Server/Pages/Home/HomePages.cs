using Alidade.Server.Experiments;
using Alidade.Server.Groups;
using Alidade.Server.Jobs;
using Alidade.Server.Pages.Experiments;
using Alidade.Server.Pages.Jobs;
using Alidade.Server.Pages.Runs;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;
using Alidade.Server.Runs;
using Alidade.Server.Workers;

namespace Alidade.Server.Pages.Home;

/// <summary>The page one comes back to.</summary>
internal static class HomePages
{
    private const int Newest = 100;
    private const int Shown = 8;
    private const int ShownRuns = 5;

    public static void MapHomePages(this IEndpointRouteBuilder pages) => pages.MapGet("/", ShowAsync);

    private static async Task<IResult> ShowAsync(
        Caller caller,
        HttpContext context,
        GroupService groups,
        ExperimentService experiments,
        JobService jobs,
        JobCounts counts,
        TrackedRunService runs,
        WorkerList workers
    )
    {
        var cancellation = context.RequestAborted;
        var group = await groups.ListAsync(caller, new Listing(PageLength: 1), cancellation);
        var newest = await jobs.ListAsync(
            caller,
            new Listing(SortBy: "id", Descending: true, PageLength: Newest),
            cancellation
        );
        var items = newest.Data.Select(job => JobItems.Of(job)).ToList();
        var recent = await experiments.ListAsync(
            caller,
            new Listing(SortBy: "lastModifiedOn", Descending: true, PageLength: Shown),
            cancellation
        );
        var live = await counts.LiveAsync(caller, cancellation);
        var (tracked, trackedTotal) = await runs.LiveAsync(caller, ShownRuns, cancellation);
        var present = await workers.AllAsync(caller, cancellation);
        var ended = items.Where(job => job.IsOver).OrderByDescending(job => job.Ended).ToList();
        var model = new HomeModel(group.Data.FirstOrDefault()?.Name ?? "Home")
        {
            Slots = present.Sum(worker => worker.Slots),
            Running = live.Running,
            Waiting = live.Waiting,
            Jobs = newest.TotalNumResults,
            Workers = present.Count,
            Live = [.. items.Where(job => !job.IsOver).Take(Shown)],
            LiveRuns = [.. tracked.Select(RunItem.Of)],
            Tracked = trackedTotal,
            Ended = [.. ended.Take(Shown)],
            Failed = [.. ended.Where(job => job.State == "failed").Take(Shown)],
            Experiments = await ExperimentPages.ItemsAsync(caller, recent.Data, counts, cancellation),
            MayChange = ExperimentPages.MayChange(caller),
            Server = ServerAddress.Of(context),
        };
        return PageResults.Page<HomePage>(new { Model = model });
    }
}
