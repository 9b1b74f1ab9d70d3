using Alidade.Server.Experiments;
using Alidade.Server.Jobs;
using Alidade.Server.Metrics;
using Alidade.Server.Pages.Jobs;
using Alidade.Server.Pages.Parts;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Pages.Experiments;

/// <summary>Experiments, and the jobs of one side by side.</summary>
internal static class ExperimentPages
{
    /// <summary>So many of the newest jobs stand side by side; sorting by a value is among them.</summary>
    private const int MostJobs = 200;

    public static void MapExperimentPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/experiments", ListAsync);
        pages.MapGet("/experiments/{id:long}", ShowAsync);
    }

    private static async Task<IResult> ListAsync(
        Caller caller,
        HttpContext context,
        ExperimentService experiments,
        JobCounts counts
    )
    {
        var address = Address.Of(context.Request);
        var (page, error) = await PagedList.LoadAsync(
            listing => experiments.ListAsync(caller, listing, context.RequestAborted),
            address,
            ExperimentsModel.PageLength
        );
        var items = await ItemsAsync(caller, page.Data, counts, context.RequestAborted);
        var model = new ExperimentsModel(address, items, page.Index, page.TotalNumResults, MayChange(caller), error);
        return PageResults.Page<ExperimentsPage>(new { Model = model });
    }

    /// <summary>Experiments with their counts, read for all of them at once.</summary>
    public static async Task<IReadOnlyList<ExperimentItem>> ItemsAsync(
        Caller caller,
        IReadOnlyList<ExperimentView> experiments,
        JobCounts counts,
        CancellationToken cancellation
    )
    {
        var known = await counts.OfExperimentsAsync(caller, [.. experiments.Select(e => e.Id)], cancellation);
        return [.. experiments.Select(experiment => ItemOf(experiment, known.GetValueOrDefault(experiment.Id)))];
    }

    private static async Task<IResult> ShowAsync(
        long id,
        Caller caller,
        HttpContext context,
        ExperimentService experiments,
        JobService jobs,
        JobCounts counts,
        MetricService metrics
    )
    {
        var cancellation = context.RequestAborted;
        var address = Address.Of(context.Request);
        var experiment = await experiments.GetAsync(caller, id, cancellation);
        var known = await counts.OfExperimentsAsync(caller, [id], cancellation);
        var listing = new Listing(address["search"] ?? "", SortBy: "id", Descending: true, PageLength: MostJobs);
        var page = await jobs.ListAsync(caller, id, listing, cancellation);
        var values = (await metrics.OfExperimentAsync(caller, id, listing, cancellation)).Data.ToDictionary(
            one => one.Id,
            one => one.Metrics
        );
        IReadOnlyList<JobItem> items = [.. page.Data.Select(job => JobItems.Of(job, values.GetValueOrDefault(job.Id)))];
        var sorted = JobSheet.Sort(items, address["sort"], address["order"] == "desc");
        var charted = Charted.Of(address["chart"], sorted, job => job.Metrics.Count > 0);
        var model = new ExperimentModel(
            ItemOf(experiment, known.GetValueOrDefault(id)),
            address,
            JobSheet.Of(sorted),
            page.TotalNumResults
        )
        {
            Entrypoints = [.. experiment.Entrypoints.Select(one => new Named(one.Id, one.Name))],
            Charted = charted,
            Charts = await ChartsAsync(caller, charted, metrics, cancellation),
            MayChange = caller.Groups.GetValueOrDefault(experiment.Group.Id) >= Role.Contributor,
            Server = ServerAddress.Of(context),
            Version = $":{page.Data.Select(job => job.Snapshot).DefaultIfEmpty().Max()}",
        };
        return PageResults.Page<ExperimentPage>(new { Model = model });
    }

    /// <summary>The series of the charted jobs, those with more than one point first.</summary>
    private static async Task<IReadOnlyList<string>> ChartsAsync(
        Caller caller,
        IReadOnlyList<Charted> charted,
        MetricService metrics,
        CancellationToken cancellation
    )
    {
        var names = new Dictionary<string, bool>();
        foreach (var one in charted)
        {
            foreach (var chart in await metrics.ChartsAsync(caller, one.Job, cancellation))
            {
                names[chart.Name] = names.GetValueOrDefault(chart.Name) || chart.Count > 1;
            }
        }

        return
        [
            .. names
                .OrderByDescending(name => name.Value)
                .ThenBy(name => MetricOrder.Of(name.Key))
                .Select(name => name.Key),
        ];
    }

    private static ExperimentItem ItemOf(ExperimentView experiment, ExperimentCount? count) =>
        new(
            experiment.Id,
            experiment.Name,
            experiment.Description,
            experiment.Group.Name,
            count is null ? WireTime.Read(experiment.LastModifiedOn) : Say.At(count.LastChange)
        )
        {
            Jobs = count?.Jobs ?? 0,
            Live = count?.Live ?? 0,
            Failed = count?.Failed ?? 0,
            Entrypoints = [.. experiment.Entrypoints.Select(one => one.Name)],
        };

    internal static bool MayChange(Caller caller) => caller.Groups.Values.Any(role => role >= Role.Contributor);
}
