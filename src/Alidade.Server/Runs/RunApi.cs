using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;
using Alidade.Server.Runs.Tables;

namespace Alidade.Server.Runs;

/// <summary><c>/runs</c> and <c>/experiments/{id}/runs</c>.</summary>
internal static class RunApi
{
    public static void MapRunApi(this IEndpointRouteBuilder api)
    {
        var runs = api.MapGroup("/runs").WithTags("runs");
        runs.MapGet(
                "/",
                (Listing listing, Caller caller, TrackedRunService service, CancellationToken c) =>
                    service.ListAsync(caller, listing, c)
            )
            .WithSummary("List the runs that stand alone")
            .WithDescription("search is a filter as in /experiments/{id}/runs; the newest come first.");
        runs.MapGet(
                "/{id}",
                (string id, Caller caller, TrackedRunService service, CancellationToken c) =>
                    service.GetAsync(caller, id, c)
            )
            .WithSummary("Get a run with its values");
        runs.MapDelete(
                "/{id}",
                (string id, Caller caller, TrackedRunService service, CancellationToken c) =>
                    service.SetDeletedAsync(caller, id, deleted: true, c)
            )
            .WithSummary("Delete a run that stands alone");
        runs.MapPost(
                "/{id}/restore",
                (string id, Caller caller, TrackedRunService service, CancellationToken c) =>
                    service.SetDeletedAsync(caller, id, deleted: false, c)
            )
            .WithSummary("Bring a deleted run back");
        runs.MapGet(
                "/{id}/series",
                (string id, string name, int? points, Caller caller, TrackedRunService service, CancellationToken c) =>
                    service.SeriesAsync(caller, id, name, points ?? 2000, c)
            )
            .WithSummary("The points of a series, thinned for a chart");
        MapTables(api.MapGroup("/experiments/{experiment:long}/runs").WithTags("experiments"));
    }

    private static void MapTables(RouteGroupBuilder tables)
    {
        tables
            .MapGet(
                "/",
                (long experiment, TableRequest request, Caller caller, RunTables service, CancellationToken c) =>
                    service.TableAsync(caller, experiment, request, c)
            )
            .WithSummary("Jobs and runs side by side, with chosen values")
            .WithDescription(
                "filter compares params, metrics (last), min, max, results and tags with AND, OR, NOT and parentheses; "
                    + "columns are such names split by commas."
            );
        tables
            .MapGet(
                "/columns",
                (long experiment, Caller caller, RunTables service, CancellationToken c) =>
                    service.ColumnsAsync(caller, experiment, c)
            )
            .WithSummary("Which values the newest jobs and runs have");
        tables
            .MapGet(
                "/groups",
                (long experiment, GroupRequest request, Caller caller, RunGroups service, CancellationToken c) =>
                    service.GroupAsync(caller, experiment, request, c)
            )
            .WithSummary("Group jobs and runs, with count, mean, deviation, extremes and best");
        tables
            .MapGet(
                "/export",
                (
                    long experiment,
                    TableRequest request,
                    string? format,
                    Caller caller,
                    RunExport service,
                    CancellationToken c
                ) => service.ExportAsync(caller, experiment, request, format, c)
            )
            .WithSummary("All jobs and runs as CSV or JSON");
    }
}
