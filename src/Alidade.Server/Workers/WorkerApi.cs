using Alidade.Engine.Protocol;
using Alidade.Server.Platform.Security;
using Alidade.Server.Workers.Events;
using Alidade.Storage.Blobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;
using Microsoft.AspNetCore.Http.Features;

namespace Alidade.Server.Workers;

/// <summary><c>/worker</c>: what agents call; see docs/reference/worker-protocol.md.</summary>
public static class WorkerApi
{
    private const long MostEventBytes = 32 << 20;
    private const string Sha256 = "{sha256:length(64)}";

    public static void MapWorkerApi(this IEndpointRouteBuilder api)
    {
        var routes = api.MapGroup("/worker")
            .WithTags("worker")
            .ChecksOwnCredential()
            .AddEndpointFilter<WorkerRefusedFilter>();
        routes.MapPost("/sessions", RegisterAsync).WithSummary("Begin a session and present live attempts");
        routes.MapDelete("/sessions/{id:long}", LeaveAsync).WithSummary("End a session");
        routes.MapPost("/sessions/{id:long}/claim", ClaimAsync).WithSummary("Wait for attempts to run");
        routes.MapPost("/sessions/{id:long}/renew", RenewAsync).WithSummary("Say what runs");
        routes.MapPost("/attempts/{id:long}/events", EventsAsync).WithSummary("Send events of an attempt");
        routes.MapPost("/attempts/{id:long}/finish", FinishAsync).WithSummary("Say how an attempt ended");
        routes.MapPost("/attempts/{id:long}/release", ReleaseAsync).WithSummary("Give an attempt back");
        routes.MapGet($"/blobs/{Sha256}", DownloadAsync).WithSummary("A plugin file or an input");
        routes.MapPut($"/blobs/{Sha256}", UploadAsync).WithSummary("Store an output file");
    }

    private static Task<SessionReply> RegisterAsync(
        SessionRequest body,
        HttpRequest request,
        WorkerService workers,
        CancellationToken cancellation
    ) => workers.RegisterAsync(WorkerCredential.Bearer(request), body, cancellation);

    private static async Task<IResult> LeaveAsync(
        long id,
        HttpRequest request,
        WorkerService workers,
        Stores stores,
        CancellationToken cancellation
    )
    {
        await workers.LeaveAsync(await SessionAsync(request, stores, id, cancellation), cancellation);
        return Results.Ok();
    }

    private static async Task<ClaimReply> ClaimAsync(
        long id,
        ClaimRequest body,
        HttpRequest request,
        WorkerService workers,
        Stores stores,
        CancellationToken cancellation
    ) => await workers.ClaimAsync(await SessionAsync(request, stores, id, cancellation), body, cancellation);

    private static async Task<RenewReply> RenewAsync(
        long id,
        RenewRequest body,
        HttpRequest request,
        WorkerService workers,
        Stores stores,
        CancellationToken cancellation
    ) => await workers.RenewAsync(await SessionAsync(request, stores, id, cancellation), body, cancellation);

    private static async Task<EventsReply> EventsAsync(
        long id,
        long fence,
        HttpContext context,
        EventIngest ingest,
        Stores stores,
        CancellationToken cancellation
    )
    {
        var session = await SessionAsync(context.Request, stores, null, cancellation);
        var lines = await ReadAsync(context, cancellation);
        try
        {
            return await ingest.TakeAsync(id, session.Id, fence, lines, cancellation) ?? throw WorkerRefused.Stale();
        }
        catch (EventGapException e)
        {
            var acked = await stores.Series.ReadAsync(s => Storage.Metrics.EventCursor.Acked(s, id), cancellation);
            throw new WorkerRefused(409, "events_missing", e.Message, acked);
        }
        catch (EventFormatException e)
        {
            throw WorkerRefused.Bad(e.Message);
        }
    }

    private static async Task<FinishReply> FinishAsync(
        long id,
        FinishRequest body,
        HttpRequest request,
        WorkerService workers,
        Stores stores,
        CancellationToken cancellation
    ) => await workers.FinishAsync(await SessionAsync(request, stores, null, cancellation), id, body, cancellation);

    private static async Task<IResult> ReleaseAsync(
        long id,
        long fence,
        HttpRequest request,
        WorkerService workers,
        Stores stores,
        CancellationToken cancellation
    )
    {
        var session = await SessionAsync(request, stores, null, cancellation);
        await workers.ReleaseAsync(session, id, fence, cancellation);
        return Results.Ok();
    }

    private static async Task<IResult> DownloadAsync(
        string sha256,
        HttpRequest request,
        IBlobStore blobs,
        Stores stores,
        CancellationToken cancellation
    )
    {
        var session = await SessionAsync(request, stores, null, cancellation);
        WorkerBlobs.RequireDigest(sha256);
        if (!await stores.Core.ReadAsync(s => WorkerBlobs.MayRead(s, session.Id, sha256), cancellation))
        {
            throw new WorkerRefused(404, "blob_unknown", "No attempt of this session needs that file.");
        }

        var content = await blobs.OpenAsync(sha256, cancellation);
        return content is null
            ? throw new WorkerRefused(404, "blob_unknown", "The file is not stored here.")
            : Results.Stream(content, "application/octet-stream", enableRangeProcessing: true);
    }

    private static async Task<IResult> UploadAsync(
        string sha256,
        HttpContext context,
        IBlobStore blobs,
        Stores stores,
        CancellationToken cancellation
    )
    {
        _ = await SessionAsync(context.Request, stores, null, cancellation);
        WorkerBlobs.RequireDigest(sha256);
        Unlimited(context);
        try
        {
            var blob = await blobs.PutAsync(context.Request.Body, sha256, cancellation);
            return Results.Ok(new { blob.Sha256, blob.Size });
        }
        catch (BlobDigestException e)
        {
            throw WorkerRefused.Bad(e.Message);
        }
    }

    /// <summary>Outputs may be large; they are streamed to disk and never held in memory.</summary>
    private static void Unlimited(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context, CancellationToken cancellation)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MostEventBytes;
        }

        using var body = new MemoryStream((int)Math.Clamp(context.Request.ContentLength ?? 0, 0, MostEventBytes));
        await context.Request.Body.CopyToAsync(body, cancellation);
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private static async Task<SessionRow> SessionAsync(
        HttpRequest request,
        Stores stores,
        long? id,
        CancellationToken cancellation
    )
    {
        var secret = WorkerCredential.Bearer(request);
        var session = await stores.Core.ReadAsync(s => WorkerCredential.Find(s, secret), cancellation);
        return session switch
        {
            null => throw WorkerRefused.Unauthorized(),
            _ when id is { } wanted && wanted != session.Id => throw WorkerRefused.Unauthorized(),
            { State: "revoked" } => throw WorkerRefused.Unauthorized(),
            { Ended: not null } => throw WorkerRefused.Gone(),
            _ => session,
        };
    }
}
