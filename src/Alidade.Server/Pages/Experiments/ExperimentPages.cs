using Alidade.Server.Experiments;
using Alidade.Server.Jobs;
using Alidade.Server.Pages.Jobs;
using Alidade.Server.Pages.Parts;
using Alidade.Server.Pages.Runs;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;
using Alidade.Server.Runs.Tables;

namespace Alidade.Server.Pages.Experiments;

/// <summary>Experiments, and the jobs and runs of one side by side.</summary>
internal static class ExperimentPages
{
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
        JobCounts counts,
        RunTables tables,
        RunGroups groups
    )
    {
        var cancellation = context.RequestAborted;
        var address = Address.Of(context.Request);
        var experiment = await experiments.GetAsync(caller, id, cancellation);
        var known = await counts.OfExperimentsAsync(caller, [id], cancellation);
        var request = RequestOf(address, context.Request.Query);
        var (table, error) = await TableAsync(tables, caller, id, request, cancellation);
        IReadOnlyList<RunItem> items = [.. table.Rows.Select(row => RunItem.Of(row, table.Columns))];
        var sheet = RunSheet.Of(items, table.Columns, request.Columns?.Select(c => c.Text).ToList());
        var charted = Charted.Of(address["chart"], items);
        var model = new ExperimentModel(ItemOf(experiment, known.GetValueOrDefault(id)), address, sheet, table.Total)
        {
            HasMore = table.TotalIsLowerBound,
            Next = table.Next,
            Columns = (await tables.ColumnsAsync(caller, id, cancellation)).Columns,
            GroupBy = request.GroupBy?.Text,
            Groups = await GroupsAsync(groups, caller, id, request, sheet, error is null, cancellation),
            Entrypoints = [.. experiment.Entrypoints.Select(one => new Named(one.Id, one.Name))],
            Charted = charted,
            Charts =
            [
                .. (await tables.SeriesAsync([.. charted.Select(one => one.Run)], cancellation)).OrderBy(
                    MetricOrder.Of
                ),
            ],
            MayChange = caller.Groups.GetValueOrDefault(experiment.Group.Id) >= Role.Contributor,
            Server = ServerAddress.Of(context),
            Version = $":{table.Rows.Select(row => row.Snapshot ?? 0).DefaultIfEmpty().Max()}",
            FilterError = error,
        };
        return PageResults.Page<ExperimentPage>(new { Model = model });
    }

    /// <summary>What the address asks for; what it asks for in vain is passed over.</summary>
    private static TableRequest RequestOf(Address address, IQueryCollection query)
    {
        List<FieldName> columns =
        [
            .. query["columns"]
                .SelectMany(text => (text ?? "").Split(','))
                .Select(FieldName.TryParse)
                .OfType<FieldName>()
                .Take(TableRequest.MostColumns),
        ];
        return new TableRequest(
            address["search"] ?? "",
            columns.Count == 0 ? null : columns,
            FieldName.TryParse(address["sort"] ?? ""),
            address["order"] == "desc",
            TableRequest.ReadToken(address["after"]),
            ExperimentModel.PageLength,
            FieldName.TryParse(address["group"] ?? "")
        );
    }

    /// <summary>The table; where the filter cannot be read, all of it with what is wrong with the filter.</summary>
    private static async Task<(TableView Table, string? Error)> TableAsync(
        RunTables tables,
        Caller caller,
        long id,
        TableRequest request,
        CancellationToken cancellation
    )
    {
        try
        {
            return (await tables.TableAsync(caller, id, request, cancellation), null);
        }
        catch (ApiException e) when (e.Status == StatusCodes.Status422UnprocessableEntity)
        {
            return (
                await tables.TableAsync(caller, id, request with { Filter = "", After = null }, cancellation),
                e.Message
            );
        }
    }

    private static async Task<IReadOnlyList<RunGroupView>> GroupsAsync(
        RunGroups groups,
        Caller caller,
        long id,
        TableRequest request,
        RunSheet sheet,
        bool isReadable,
        CancellationToken cancellation
    )
    {
        if (request.GroupBy is not { } by || !isReadable)
        {
            return [];
        }

        var metrics = sheet.Metrics.Select(FieldName.TryParse).OfType<FieldName>().Take(GroupRequest.MostMetrics);
        var asked = new GroupRequest(request.Filter, [by], [.. metrics], Best: null, Lowest: false);
        return (await groups.GroupAsync(caller, id, asked, cancellation)).Groups;
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
            Runs = count?.Runs ?? 0,
            Live = count?.Live ?? 0,
            Failed = count?.Failed ?? 0,
            Entrypoints = [.. experiment.Entrypoints.Select(one => one.Name)],
        };

    internal static bool MayChange(Caller caller) => caller.Groups.Values.Any(role => role >= Role.Contributor);
}
