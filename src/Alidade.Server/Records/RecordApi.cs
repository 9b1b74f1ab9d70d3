using Alidade.Server.Platform.Security;

namespace Alidade.Server.Records;

/// <summary><c>/jobs/{id}/record</c>: what shaped a job, and in what two of them differ.</summary>
public static class RecordApi
{
    public static void MapRecordApi(this IEndpointRouteBuilder api)
    {
        var records = api.MapGroup("/jobs/{id:long}/record").WithTags("jobs");
        records
            .MapGet(
                "/",
                (long id, Caller caller, RecordService service, CancellationToken c) => service.GetAsync(caller, id, c)
            )
            .WithSummary("What shaped a job, and what each attempt ran in and left");
        records
            .MapGet(
                "/compare",
                (long id, long with, Caller caller, RecordService service, CancellationToken c) =>
                    service.CompareAsync(caller, id, with, c)
            )
            .WithSummary("Exactly what differs between two jobs");
    }
}
