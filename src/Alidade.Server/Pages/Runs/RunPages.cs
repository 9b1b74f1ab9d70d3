using Alidade.Server.Experiments;
using Alidade.Server.Pages.Jobs;
using Alidade.Server.Pages.Parts;
using Alidade.Server.Platform.Security;
using Alidade.Server.Runs;
using Alidade.Server.Runs.Tables;

namespace Alidade.Server.Pages.Runs;

/// <summary>One tracked run, and runs beside each other.</summary>
internal static class RunPages
{
    private const int MostCharts = 12;
    private const int MostParts = 20;

    public static void MapRunPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/runs/{id}", ShowAsync);
        pages.MapPost(
            "/runs/{id}/delete",
            (string id, Caller caller, HttpContext context, TrackedRunService runs) =>
                SetDeletedAsync(id, true, caller, context, runs)
        );
        pages.MapPost(
            "/runs/{id}/restore",
            (string id, Caller caller, HttpContext context, TrackedRunService runs) =>
                SetDeletedAsync(id, false, caller, context, runs)
        );
        pages.MapGet("/experiments/{id:long}/compare", CompareAsync);
    }

    private static async Task<IResult> ShowAsync(
        string id,
        Caller caller,
        HttpContext context,
        TrackedRunService runs,
        ExperimentService experiments,
        RunTables tables
    )
    {
        var cancellation = context.RequestAborted;
        var run = await runs.GetAsync(caller, id, cancellation);
        if (run is { Kind: "job", Job: { } job })
        {
            return PageResults.SeeOther($"/jobs/{job}");
        }

        var experiment = await experiments.GetAsync(caller, run.Experiment, cancellation);
        var parts = await tables.TableAsync(
            caller,
            run.Experiment,
            new TableRequest($"parent = '{run.Id}'", PageLength: MostParts),
            cancellation
        );
        var model = new RunModel(
            Address.Of(context.Request),
            run,
            experiment.Name,
            caller.Groups.GetValueOrDefault(experiment.Group.Id) >= Role.Contributor
        )
        {
            Parts = [.. parts.Rows.Select(row => RunItem.Of(row, parts.Columns))],
            PartsTotal = parts.Total,
            Charts = [.. run.Metrics.Where(m => m.Count > 1).Select(m => m.Name).OrderBy(MetricOrder.Of)],
            Numbers =
            [
                .. run.Metrics.Where(m => m.Count == 1).Select(m => KeyValuePair.Create(m.Name, Say.Metric(m.Last))),
            ],
        };
        return PageResults.Page<RunPage>(new { Model = model });
    }

    private static async Task<IResult> SetDeletedAsync(
        string id,
        bool deleted,
        Caller caller,
        HttpContext context,
        TrackedRunService runs
    )
    {
        await runs.SetDeletedAsync(caller, id, deleted, context.RequestAborted);
        return PageResults.SeeOther($"/runs/{id}");
    }

    private static async Task<IResult> CompareAsync(
        long id,
        Caller caller,
        HttpContext context,
        ExperimentService experiments,
        RunTables tables
    )
    {
        var cancellation = context.RequestAborted;
        var address = Address.Of(context.Request);
        var experiment = await experiments.GetAsync(caller, id, cancellation);
        string[] runs =
        [
            .. (address["runs"] ?? "")
                .Split(',')
                .Where(run => run.Length is > 0 and <= 64 && run.All(char.IsAsciiLetterOrDigit))
                .Distinct()
                .Take(CompareModel.Most),
        ];
        var table = await tables.CompareAsync(caller, id, runs, cancellation);
        var series = await tables.SeriesAsync([.. table.Rows.Select(row => row.Id)], cancellation);
        var model = new CompareModel(
            address,
            new Named(id, experiment.Name),
            [.. table.Rows.Select(row => RunItem.Of(row, table.Columns))],
            table.Columns
        )
        {
            Charts = [.. series.OrderBy(MetricOrder.Of).Take(MostCharts)],
        };
        return PageResults.Page<ComparePage>(new { Model = model });
    }
}
