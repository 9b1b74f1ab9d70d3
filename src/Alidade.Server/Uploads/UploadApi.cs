using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Uploads;

/// <summary><c>/runs/{id}/uploads</c>: large files in pieces that a client can take up again after a cut.</summary>
public static class UploadApi
{
    public static void MapUploadApi(this IEndpointRouteBuilder api)
    {
        var uploads = api.MapGroup("/runs/{run}/uploads").WithTags("runs").Needs(Access.Track);
        uploads
            .MapPost(
                "/",
                (string run, Input<UploadInput> input, Caller caller, RunUploadService service, CancellationToken c) =>
                    service.BeginAsync(caller, run, input, c)
            )
            .WithSummary("Begin a large file of a run");
        uploads
            .MapGet(
                "/{upload}",
                (string run, string upload, Caller caller, RunUploadService service, CancellationToken c) =>
                    service.GetAsync(caller, run, upload, c)
            )
            .WithSummary("How much of it is here")
            .Needs(Access.Track);
        LazyRoutes
            .Map(
                uploads,
                "/{upload}",
                (
                    string run,
                    string upload,
                    long? offset,
                    HttpContext http,
                    Caller caller,
                    RunUploadService service,
                    CancellationToken c
                ) => service.AppendAsync(http, caller, run, upload, offset, c),
                HttpMethods.Patch
            )
            .WithSummary("Send the next piece of it: raw bytes, at the offset")
            .WithDescription(
                "What arrives before a connection breaks is kept: ask how much is here and go on from there."
            );
        uploads
            .MapPost(
                "/{upload}/complete",
                (string run, string upload, Caller caller, RunUploadService service, CancellationToken c) =>
                    service.CompleteAsync(caller, run, upload, c)
            )
            .WithSummary("Record it as an artifact of the run, once its digest is right")
            .WithDescription("Nothing of the file is listed before. Sent again it changes nothing.");
        uploads
            .MapDelete(
                "/{upload}",
                (string run, string upload, Caller caller, RunUploadService service, CancellationToken c) =>
                    service.AbortAsync(caller, run, upload, c)
            )
            .WithSummary("Throw it away");
    }
}
