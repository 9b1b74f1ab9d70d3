using Alidade.Engine.Protocol;
using Alidade.Server.Platform.Security;
using Alidade.Server.Secrets;
using Alidade.Server.Workers.Events;
using Alidade.Storage.Blobs;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;
using Microsoft.AspNetCore.Http.Features;

namespace Alidade.Server.Workers;

/// <summary><c>/worker</c>: what agents call; see docs/reference/worker-protocol.md.</summary>
public static class WorkerApi
{
    private const long MostEventBytes = 32 << 20;
    private const string Sha256 = "{sha256}";

    public static void MapWorkerApi(this IEndpointRouteBuilder api)
    {
        var routes = api.MapGroup("/worker")
            .WithTags("worker")
            .ChecksOwnCredential()
            .AddEndpointFilter<WorkerRefusedFilter>();
        routes.MapGet("/token", TokenOf).WithSummary("What a worker token is for");
        routes.MapPost("/sessions", RegisterAsync).WithSummary("Begin a session and present live attempts");
        routes.MapDelete("/sessions/{id:long}", LeaveAsync).WithSummary("End a session");
        routes.MapPost("/sessions/{id:long}/claim", ClaimAsync).WithSummary("Wait for attempts to run");
        routes.MapPost("/sessions/{id:long}/renew", RenewAsync).WithSummary("Say what runs");
        routes.MapPost("/attempts/{id:long}/events", EventsAsync).WithSummary("Send events of an attempt");
        routes.MapPost("/attempts/{id:long}/finish", FinishAsync).WithSummary("Say how an attempt ended");
        routes.MapPost("/attempts/{id:long}/release", ReleaseAsync).WithSummary("Give an attempt back");
        routes.MapPost("/attempts/{id:long}/token", TokenAsync).WithSummary("A token for the calls of a running job");
        routes
            .MapPost("/attempts/{id:long}/secrets", SecretsAsync)
            .WithSummary("The secrets of an attempt that is about to begin");
        routes
            .MapPut($"/parts/{Sha256}", KeepPartAsync)
            .WithSummary("Facts that many attempts share, for their record");
        routes.MapGet($"/blobs/{Sha256}", DownloadAsync).WithSummary("A plugin file or an input");
        routes.MapPut($"/blobs/{Sha256}", UploadAsync).WithSummary("Store an output file");
    }

    private static Task<TokenReply> TokenOf(WorkerToken token, WorkerService workers, CancellationToken cancellation) =>
        workers.DescribeAsync(token.Row, cancellation);

    private static Task<SessionReply> RegisterAsync(
        WorkerToken token,
        WorkerBody<SessionRequest> body,
        WorkerService workers,
        CancellationToken cancellation
    ) => workers.RegisterAsync(token.Row, body.Value, cancellation);

    private static async Task<IResult> LeaveAsync(
        WorkerSession session,
        long id,
        WorkerService workers,
        CancellationToken cancellation
    )
    {
        await workers.LeaveAsync(session.Named(id), cancellation);
        return Results.Ok();
    }

    private static Task<ClaimReply> ClaimAsync(
        WorkerSession session,
        long id,
        WorkerBody<ClaimRequest> body,
        WorkerService workers,
        CancellationToken cancellation
    ) => workers.ClaimAsync(session.Named(id), body.Value, cancellation);

    private static Task<RenewReply> RenewAsync(
        WorkerSession session,
        long id,
        WorkerBody<RenewRequest> body,
        WorkerService workers,
        CancellationToken cancellation
    ) => workers.RenewAsync(session.Named(id), body.Value, cancellation);

    private static async Task<EventsReply> EventsAsync(
        WorkerSession session,
        long id,
        long fence,
        HttpContext context,
        EventIngest ingest,
        Stores stores,
        CancellationToken cancellation
    )
    {
        var lines = await ReadAsync(context, MostEventBytes, cancellation);
        try
        {
            return await ingest.TakeAsync(id, session.Row.Id, fence, lines, cancellation)
                ?? throw WorkerRefused.Stale();
        }
        catch (EventGapException e)
        {
            var acked = await stores.Series.ReadAsync(s => EventCursor.Acked(s, id), cancellation);
            throw new WorkerRefused(409, "events_missing", e.Message, acked);
        }
        catch (EventFormatException e)
        {
            throw WorkerRefused.Bad(e.Message);
        }
    }

    private static Task<FinishReply> FinishAsync(
        WorkerSession session,
        long id,
        WorkerBody<FinishRequest> body,
        WorkerService workers,
        CancellationToken cancellation
    ) => workers.FinishAsync(session.Row, id, body.Value, cancellation);

    private static async Task<IResult> ReleaseAsync(
        WorkerSession session,
        long id,
        long fence,
        WorkerService workers,
        CancellationToken cancellation
    )
    {
        await workers.ReleaseAsync(session.Row, id, fence, cancellation);
        return Results.Ok();
    }

    private static Task<AttemptTokenReply> TokenAsync(
        WorkerSession session,
        long id,
        long fence,
        WorkerService workers,
        CancellationToken cancellation
    ) => workers.IssueTokenAsync(session.Row, id, fence, cancellation);

    private static Task<SecretsReply> SecretsAsync(
        WorkerSession session,
        long id,
        long fence,
        HttpContext context,
        SecretDelivery secrets,
        CancellationToken cancellation
    )
    {
        context.Response.Headers.CacheControl = "no-store";
        return secrets.TakeAsync(session.Row, id, fence, cancellation);
    }

    private static async Task<IResult> KeepPartAsync(
        WorkerSession session,
        string sha256,
        string? kind,
        HttpContext context,
        RecordIntake records,
        CancellationToken cancellation
    )
    {
        WorkerBlobs.RequireDigest(sha256);
        var body = await ReadAsync(context, RecordIntake.MostBytes, cancellation);
        await records.KeepAsync(sha256, kind, body, cancellation);
        return Results.Ok();
    }

    private static async Task<IResult> DownloadAsync(
        WorkerSession session,
        string sha256,
        IBlobStore blobs,
        Stores stores,
        CancellationToken cancellation
    )
    {
        WorkerBlobs.RequireDigest(sha256);
        if (!await stores.Core.ReadAsync(s => WorkerBlobs.MayRead(s, session.Row.Id, sha256), cancellation))
        {
            throw new WorkerRefused(404, "blob_unknown", "No attempt of this session needs that file.");
        }

        var content = await blobs.OpenAsync(sha256, cancellation);
        return content is null
            ? throw new WorkerRefused(404, "blob_unknown", "The file is not stored here.")
            : Results.Stream(content, "application/octet-stream", enableRangeProcessing: true);
    }

    private static async Task<IResult> UploadAsync(
        WorkerSession session,
        string sha256,
        HttpContext context,
        IBlobStore blobs,
        CancellationToken cancellation
    )
    {
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

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(
        HttpContext context,
        long most,
        CancellationToken cancellation
    )
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = most;
        }

        using var body = new MemoryStream((int)Math.Clamp(context.Request.ContentLength ?? 0, 0, most));
        await context.Request.Body.CopyToAsync(body, cancellation);
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }
}
