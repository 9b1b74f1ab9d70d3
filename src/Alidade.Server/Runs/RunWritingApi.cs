using Alidade.Server.Logs;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Runs;

/// <summary><c>/runs/{id}</c>: what programs write to runs that stand alone, and the lines of any run.</summary>
public static class RunWritingApi
{
    public static void MapRunWritingApi(this IEndpointRouteBuilder api)
    {
        var runs = api.MapGroup("/runs").WithTags("runs");
        runs.MapPut(
                "/{id}",
                (string id, Input<RunInput> input, Caller caller, RunWriter writer, CancellationToken c) =>
                    writer.PutAsync(caller, id, input, c)
            )
            .WithSummary("Begin a run that stands alone, or say more about it")
            .WithDescription(
                "The id is the client's choice, 32 hexadecimal digits. Sent again it changes nothing, so that a client may "
                    + "repeat it whenever it is unsure."
            )
            .Needs(Access.Track);
        runs.MapPost(
                "/{id}/log",
                (string id, Input<LogBatchInput> input, Caller caller, LogService log, CancellationToken c) =>
                    log.AddBatchAsync(caller, id, input, c)
            )
            .WithSummary("Add the next batch of lines to its log")
            .WithDescription(
                "Each writer numbers its batches from 1. A batch that is known already is acknowledged and adds nothing; one "
                    + "that leaves out another is refused."
            )
            .Needs(Access.Track);
        runs.MapGet(
                "/{id}/lines",
                (
                    string id,
                    long? after,
                    int? limit,
                    string? search,
                    Caller caller,
                    LogService log,
                    CancellationToken c
                ) => log.LinesOfRunAsync(caller, id, after ?? 0, limit ?? 2000, search, c)
            )
            .WithSummary("Lines of its log after a number")
            .Needs(Access.SeeTracked);
    }
}
