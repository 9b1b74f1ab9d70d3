using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Alidade.Engine.Protocol;
using Alidade.Worker.Processes;

namespace Alidade.Worker.Protocol;

/// <summary>
/// The calls of the worker protocol, one method each. Whatever goes wrong becomes a <see cref="ServerException"/> that
/// says what to do; nothing is retried here.
/// </summary>
internal sealed class WorkerServer(HttpClient http, TimeProvider time)
{
    private const int LongestMessage = 500;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);
    private static readonly MediaTypeHeaderValue Lines = new("application/x-ndjson");
    private static readonly MediaTypeHeaderValue Bytes = new("application/octet-stream");

    public Task<TokenReply> DescribeTokenAsync(string token, CancellationToken cancellation) =>
        SendAsync(
            HttpMethod.Get,
            "token",
            token,
            null,
            AnswerLimit,
            (content, c) => ReadAsync(content, WorkerJson.Default.TokenReply, c),
            cancellation
        );

    public Task<SessionReply> RegisterAsync(string token, SessionRequest body, CancellationToken cancellation) =>
        PostAsync("sessions", token, Json(body), AnswerLimit, WorkerJson.Default.SessionReply, cancellation);

    public Task<ClaimReply> ClaimAsync(WorkerSession session, int free, CancellationToken cancellation)
    {
        var wait = session.Intervals.ClaimWait;
        return PostAsync(
            $"sessions/{session.Id}/claim",
            session.Secret,
            Json(new ClaimRequest(free, wait)),
            AnswerLimit + TimeSpan.FromSeconds(wait),
            WorkerJson.Default.ClaimReply,
            cancellation
        );
    }

    public Task<RenewReply> RenewAsync(WorkerSession session, RenewRequest body, CancellationToken cancellation) =>
        PostAsync(
            $"sessions/{session.Id}/renew",
            session.Secret,
            Json(body),
            TimeSpan.FromSeconds(10),
            WorkerJson.Default.RenewReply,
            cancellation
        );

    public Task<EventsReply> SendEventsAsync(
        WorkerSession session,
        long attempt,
        long fence,
        ReadOnlyMemory<byte> lines,
        CancellationToken cancellation
    )
    {
        var content = new ReadOnlyMemoryContent(lines) { Headers = { ContentType = Lines } };
        var path = $"attempts/{attempt}/events?fence={fence}";
        return PostAsync(path, session.Secret, content, AnswerLimit, WorkerJson.Default.EventsReply, cancellation);
    }

    public Task<FinishReply> FinishAsync(
        WorkerSession session,
        long attempt,
        FinishRequest body,
        CancellationToken cancellation
    ) =>
        PostAsync(
            $"attempts/{attempt}/finish",
            session.Secret,
            Json(body),
            AnswerLimit,
            WorkerJson.Default.FinishReply,
            cancellation
        );

    public Task ReleaseAsync(WorkerSession session, long attempt, long fence, CancellationToken cancellation)
    {
        var path = $"attempts/{attempt}/release?fence={fence}";
        return SendAsync(HttpMethod.Post, path, session.Secret, null, AnswerLimit, Ignore, cancellation);
    }

    public Task<AttemptTokenReply> AttemptTokenAsync(
        WorkerSession session,
        long attempt,
        long fence,
        CancellationToken cancellation
    )
    {
        var (path, type) = ($"attempts/{attempt}/token?fence={fence}", WorkerJson.Default.AttemptTokenReply);
        return PostAsync(path, session.Secret, null, AnswerLimit, type, cancellation);
    }

    public Task<SecretsReply> SecretsAsync(
        WorkerSession session,
        long attempt,
        long fence,
        CancellationToken cancellation
    )
    {
        var (path, type) = ($"attempts/{attempt}/secrets?fence={fence}", WorkerJson.Default.SecretsReply);
        return PostAsync(path, session.Secret, null, AnswerLimit, type, cancellation);
    }

    public Task LeaveAsync(WorkerSession session, CancellationToken cancellation)
    {
        var path = $"sessions/{session.Id}";
        return SendAsync(HttpMethod.Delete, path, session.Secret, null, AnswerLimit, Ignore, cancellation);
    }

    public Task KeepPartAsync(WorkerSession session, RecordPart part, CancellationToken cancellation)
    {
        var path = $"parts/{part.Digest}?kind={part.Kind}";
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(part.Body)) { Headers = { ContentType = Bytes } };
        return SendAsync(HttpMethod.Put, path, session.Secret, content, AnswerLimit, Ignore, cancellation);
    }

    public Task DownloadAsync(
        WorkerSession session,
        string sha256,
        long size,
        Func<Stream, CancellationToken, Task> read,
        CancellationToken cancellation
    ) =>
        SendAsync(
            HttpMethod.Get,
            $"blobs/{sha256}",
            session.Secret,
            null,
            Transfer(size),
            async (content, token) =>
            {
                await read(await content.ReadAsStreamAsync(token), token);
                return true;
            },
            cancellation
        );

    public Task UploadAsync(WorkerSession session, string sha256, Stream file, CancellationToken cancellation)
    {
        var content = new StreamContent(file) { Headers = { ContentType = Bytes, ContentLength = file.Length } };
        var limit = Transfer(file.Length);
        return SendAsync(HttpMethod.Put, $"blobs/{sha256}", session.Secret, content, limit, Ignore, cancellation);
    }

    /// <summary>A transfer slower than 64 KiB/s is given up and begun again.</summary>
    private static TimeSpan Transfer(long size) => AnswerLimit + TimeSpan.FromSeconds(size / 65_536.0);

    private static JsonContent Json<T>(T body) =>
        JsonContent.Create(body, (JsonTypeInfo<T>)WorkerJson.Default.GetTypeInfo(typeof(T))!);

    private static Task<bool> Ignore(HttpContent content, CancellationToken cancellation) => Task.FromResult(true);

    private Task<T> PostAsync<T>(
        string path,
        string secret,
        HttpContent? body,
        TimeSpan limit,
        JsonTypeInfo<T> type,
        CancellationToken cancellation
    ) =>
        SendAsync(
            HttpMethod.Post,
            path,
            secret,
            body,
            limit,
            (content, token) => ReadAsync(content, type, token),
            cancellation
        );

    private static async Task<T> ReadAsync<T>(
        HttpContent content,
        JsonTypeInfo<T> type,
        CancellationToken cancellation
    ) => await content.ReadFromJsonAsync(type, cancellation) ?? throw new JsonException("The answer is null.");

    private async Task<T> SendAsync<T>(
        HttpMethod method,
        string path,
        string secret,
        HttpContent? body,
        TimeSpan limit,
        Func<HttpContent, CancellationToken, Task<T>> read,
        CancellationToken cancellation
    )
    {
        using var timer = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        using var request = new HttpRequestMessage(method, $"api/v1/worker/{path}") { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return response.IsSuccessStatusCode
                ? await read(response.Content, either.Token)
                : throw await RefusedAsync(response, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Unavailable($"no answer within {limit.TotalSeconds:0} s", null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            // A request whose own cancellation broke the connection was cancelled, whatever the transport calls it.
            cancellation.ThrowIfCancellationRequested();
            throw Unavailable(e.Message, e);
        }

        ServerException Unavailable(string message, Exception? inner) =>
            new(Refusal.Unavailable, $"{method} {path}: {message}", inner: inner);
    }

    private static async Task<ServerException> RefusedAsync(
        HttpResponseMessage response,
        CancellationToken cancellation
    )
    {
        var text = await response.Content.ReadAsStringAsync(cancellation);
        var said = Parse(text);
        var message = said?.Message ?? $"{(int)response.StatusCode} {Shorten(text)}";
        var refusal = (response.StatusCode, said?.Error) switch
        {
            (_, "session_gone") or (HttpStatusCode.Gone, _) => Refusal.SessionGone,
            (_, "stale_attempt") => Refusal.StaleAttempt,
            (_, "events_missing") => Refusal.EventsMissing,
            (_, "draining") => Refusal.Draining,
            (HttpStatusCode.Unauthorized, _) => Refusal.Unauthorized,
            (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests, _) => Refusal.Unavailable,
            (>= HttpStatusCode.InternalServerError, _) => Refusal.Unavailable,
            _ => Refusal.Rejected,
        };
        return new ServerException(refusal, message, response.Headers.RetryAfter?.Delta, said?.AckedThrough);
    }

    private static WorkerRefusal? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, WorkerJson.Default.WorkerRefusal);
        }
        catch (JsonException)
        {
            // A proxy between agent and server answers in HTML; the status alone then decides.
            return null;
        }
    }

    private static string Shorten(string text) => text.Length <= LongestMessage ? text : text[..LongestMessage];
}
