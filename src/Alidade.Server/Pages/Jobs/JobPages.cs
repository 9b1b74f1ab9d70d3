using Alidade.Server.Jobs;
using Alidade.Server.Pages.Parts;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Pages.Jobs;

/// <summary>The list of jobs, one job, stopping it and running it again.</summary>
internal static class JobPages
{
    public static void MapJobPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/jobs", ListAsync);
        pages.MapGet("/jobs/{id:long}", ShowAsync);
        pages.MapPost("/jobs/{id:long}/stop", StopAsync);
        pages.MapPost("/jobs/{id:long}/requeue", RequeueAsync);
    }

    private static async Task<IResult> ListAsync(Caller caller, HttpContext context, JobService jobs)
    {
        var address = Address.Of(context.Request);
        var (page, error) = await PagedList.LoadAsync(
            listing => jobs.ListAsync(caller, listing, context.RequestAborted),
            address,
            JobsModel.PageLength,
            newestFirst: true
        );
        var model = new JobsModel(
            address,
            [.. page.Data.Select(job => JobItems.Of(job))],
            page.Index,
            page.TotalNumResults,
            error
        );
        return PageResults.Page<JobsPage>(new { Model = model });
    }

    private static async Task<IResult> ShowAsync(long id, Caller caller, HttpContext context, JobLoader loader) =>
        PageResults.Page<JobPage>(new { Model = await loader.LoadAsync(caller, id, context) });

    private static async Task<IResult> StopAsync(long id, Caller caller, HttpContext context, JobService jobs)
    {
        await jobs.CancelAsync(caller, id, context.RequestAborted);
        return PageResults.SeeOther($"/jobs/{id}");
    }

    private static async Task<IResult> RequeueAsync(long id, Caller caller, HttpContext context, JobService jobs)
    {
        await jobs.RequeueAsync(caller, id, context.RequestAborted);
        return PageResults.SeeOther($"/jobs/{id}");
    }
}
