using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Alidade.Engine.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Tests.Fakes;

/// <summary>
/// The server's side of docs/reference/worker-protocol.md in memory, which records what it is told and can do wrong on
/// demand.
/// </summary>
public sealed class FakeServer : IAsyncDisposable
{
    public const string Token = "worker-token";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, ServerAttempt> _attempts = [];
    private readonly Queue<ServerAttempt> _waiting = new();
    private readonly ConcurrentQueue<(string Path, Fault Fault)> _faults = new();
    private TaskCompletionSource _changed = new();
    private long _lastId;
    private long _session;
    private int _tokens;

    private FakeServer(WebApplication app) => _app = app;

    public string Address { get; private set; } = "";

    public Intervals Intervals { get; init; } = new(Renew: 0.2, ClaimWait: 5, Lease: 60, LostAfter: 300);

    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    public ConcurrentQueue<SessionRequest> Registrations { get; } = new();

    public ConcurrentQueue<string> Requests { get; } = new();

    public bool RefusesToken { get; set; }

    public double TokenSeconds { get; set; } = 900;

    public bool Drains { get; set; }

    /// <summary>Nothing gets through while this is set.</summary>
    public bool IsDown { get; set; }

    /// <summary>The most attempts that were owned at one time.</summary>
    public int MostOwned { get; private set; }

    public bool HasLeft { get; private set; }

    public static async Task<FakeServer> StartAsync(Intervals? intervals = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        var app = builder.Build();
        var server = intervals is null ? new FakeServer(app) : new FakeServer(app) { Intervals = intervals };
        app.Run(server.HandleAsync);
        await app.StartAsync();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        server.Address = addresses.Addresses.Single();
        return server;
    }

    /// <summary>The next request whose path ends like this goes wrong.</summary>
    public void Break(string path, Fault fault, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            _faults.Enqueue((path, fault));
        }
    }

    public string AddBlob(byte[] content)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(content));
        Blobs[digest] = content;
        return digest;
    }

    /// <summary>Queues an attempt for the next claim.</summary>
    public ServerAttempt Submit(Func<long, Grant> grant)
    {
        lock (_gate)
        {
            var attempt = new ServerAttempt(grant(++_lastId));
            _attempts.Add(_lastId, attempt);
            _waiting.Enqueue(attempt);
            Changed();
            return attempt;
        }
    }

    public Task UntilAsync(ServerAttempt attempt, Func<ServerAttempt, bool> condition) =>
        UntilAsync(() => condition(attempt));

    /// <summary>Waits for something that follows from requests; the limit only ends a test that hangs.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (condition())
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext http)
    {
        if (!http.Request.Path.StartsWithSegments("/api/v1/worker"))
        {
            await HandleRelayedAsync(http);
            return;
        }

        var path = http.Request.Path.Value!["/api/v1/worker/".Length..];
        Requests.Enqueue($"{http.Request.Method} {path}");
        if (IsDown)
        {
            http.Abort();
            return;
        }

        var fault = NextFault(path);
        if (fault is Fault.Error or Fault.Reset or Fault.Gone or Fault.Stale)
        {
            await FailAsync(http, fault.Value);
            return;
        }

        await ServeAsync(http, path.Split('/'), fault is Fault.LostReply);
        lock (_gate)
        {
            Changed();
        }
    }

    /// <summary>Says what came, as a job that calls through its agent sees it.</summary>
    private async Task HandleRelayedAsync(HttpContext http)
    {
        Requests.Enqueue($"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}");
        if (http.Request.Path == "/health")
        {
            return;
        }

        if (IsDown)
        {
            http.Abort();
            return;
        }

        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        http.Response.Headers.SetCookie = "session=1";
        await http.Response.WriteAsJsonAsync(
            new
            {
                method = http.Request.Method,
                target = http.Request.Path + http.Request.QueryString,
                authorization = http.Request.Headers.Authorization.ToString(),
                cookie = http.Request.Headers.Cookie.ToString(),
                type = http.Request.ContentType,
                length = body.Length,
                digest = Convert.ToHexStringLower(SHA256.HashData(body.ToArray())),
            }
        );
    }

    private AttemptTokenReply IssueToken(string attempt) => new($"ala_{attempt}.{++_tokens}", TokenSeconds);

    private Fault? NextFault(string path)
    {
        lock (_gate)
        {
            if (_faults.TryPeek(out var next) && path.EndsWith(next.Path, StringComparison.Ordinal))
            {
                _faults.TryDequeue(out _);
                return next.Fault;
            }

            return null;
        }
    }

    private async Task FailAsync(HttpContext http, Fault fault)
    {
        switch (fault)
        {
            case Fault.Error:
                http.Response.StatusCode = 500;
                break;
            case Fault.Reset:
                http.Abort();
                break;
            case Fault.Gone:
                _session++;
                await RefuseAsync(http, 410, "session_gone");
                break;
            default:
                await RefuseAsync(http, 409, "stale_attempt");
                break;
        }
    }

    private async Task ServeAsync(HttpContext http, string[] path, bool loseReply)
    {
        var secret = http.Request.Headers.Authorization.ToString();
        if (secret != (path is ["sessions"] or ["token"] ? $"Bearer {Token}" : $"Bearer secret-{_session}"))
        {
            var isOld = secret.StartsWith("Bearer secret-", StringComparison.Ordinal);
            await RefuseAsync(http, isOld ? 410 : 401, isOld ? "session_gone" : "unauthorized");
            return;
        }

        if (RefusesToken)
        {
            await RefuseAsync(http, 401, "unauthorized");
            return;
        }

        object? answer = path switch
        {
            ["token"] => new TokenReply("test", ["q-*"]),
            ["sessions"] => Register(await ReadAsync<SessionRequest>(http)),
            ["sessions", _] => Leave(),
            ["sessions", _, "claim"] => await ClaimAsync(await ReadAsync<ClaimRequest>(http), http.RequestAborted),
            ["sessions", _, "renew"] => Renew(await ReadAsync<RenewRequest>(http)),
            ["attempts", var id, "events"] => await EventsAsync(http, Find(id)),
            ["attempts", var id, "finish"] => Finish(Find(id), await ReadAsync<FinishRequest>(http), loseReply),
            ["attempts", var id, "release"] => Release(Find(id)),
            ["attempts", var id, "token"] => IssueToken(id),
            ["blobs", var digest] when http.Request.Method == "PUT" => await StoreAsync(http, digest),
            ["blobs", var digest] => Blobs.GetValueOrDefault(digest),
            _ => null,
        };
        if (loseReply)
        {
            http.Abort();
        }
        else
        {
            await AnswerAsync(http, answer);
        }
    }

    private static async Task AnswerAsync(HttpContext http, object? answer)
    {
        switch (answer)
        {
            case null:
                http.Response.StatusCode = 404;
                break;
            case byte[] bytes:
                await http.Response.Body.WriteAsync(bytes);
                break;
            case WorkerRefusal refusal:
                http.Response.StatusCode = refusal.Error == "bad_digest" ? 400 : 409;
                await http.Response.WriteAsJsonAsync(refusal, Json);
                break;
            default:
                await http.Response.WriteAsJsonAsync(answer, answer.GetType(), Json);
                break;
        }
    }

    private SessionReply Register(SessionRequest request)
    {
        lock (_gate)
        {
            Registrations.Enqueue(request);
            _session++;
            var stop = new List<long>();
            foreach (var presented in request.Attempts)
            {
                if (_attempts.TryGetValue(presented.Attempt, out var attempt) && Owns(attempt, presented.Fence))
                {
                    attempt.Owner = _session;
                }
                else
                {
                    stop.Add(presented.Attempt);
                }
            }

            return new SessionReply(_session, $"secret-{_session}", Intervals, stop);
        }
    }

    private static bool Owns(ServerAttempt attempt, long fence) =>
        attempt is { Owner: not null, End: null } && attempt.Grant.Fence == fence;

    private object Leave()
    {
        HasLeft = true;
        return new { };
    }

    private async Task<object> ClaimAsync(ClaimRequest request, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(request.WaitSeconds));
        while (!limit.IsCancellationRequested)
        {
            Task changed;
            lock (_gate)
            {
                if (Drains)
                {
                    return new WorkerRefusal("draining", "The worker is being drained.");
                }

                if (Granted(request.Free) is { Count: > 0 } grants)
                {
                    return new ClaimReply(grants);
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(limit.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        return new ClaimReply([]);
    }

    private List<Grant> Granted(int free)
    {
        var grants = new List<Grant>();
        while (grants.Count < free && _waiting.TryDequeue(out var attempt))
        {
            attempt.Owner = _session;
            grants.Add(attempt.Grant);
            MostOwned = Math.Max(MostOwned, _attempts.Values.Count(a => a is { Owner: not null, End: null }));
        }

        return grants;
    }

    private RenewReply Renew(RenewRequest request)
    {
        lock (_gate)
        {
            Drains |= request.Draining;
            var known = request.Attempts.ToLookup(live => Owns(_attempts[live.Attempt], live.Fence));
            return new RenewReply(
                [.. known[false].Select(live => live.Attempt)],
                [.. known[true].Where(live => _attempts[live.Attempt].CancelRequested).Select(live => live.Attempt)],
                Drains
            );
        }
    }

    private static async Task<object> EventsAsync(HttpContext http, ServerAttempt attempt)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var text = await reader.ReadToEndAsync();
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var events = lines.Select(line => JsonDocument.Parse(line).RootElement);
        return new EventsReply(attempt.Take(events));
    }

    /// <summary>What is claimed with a reply that is lost the real server takes back after two renewals.</summary>
    private object Finish(ServerAttempt attempt, FinishRequest report, bool loseReply)
    {
        lock (_gate)
        {
            attempt.Reports.Add(report);
            if (attempt.End is { } end && end.Report == report.Report)
            {
                return new FinishReply(end.Outcome);
            }

            if (attempt.Events.Count < report.LastEvent)
            {
                return new WorkerRefusal("events_missing", "Send them first.", attempt.Events.Count);
            }

            if (!Owns(attempt, report.Fence))
            {
                return new WorkerRefusal("stale_attempt", "Not yours.");
            }

            attempt.End = report;
            return new FinishReply(report.Outcome, report.Claim && !Drains && !loseReply ? Granted(1) : null);
        }
    }

    private object Release(ServerAttempt attempt)
    {
        (attempt.Released, attempt.Owner) = (true, null);
        return new { };
    }

    private async Task<object> StoreAsync(HttpContext http, string digest)
    {
        using var content = new MemoryStream();
        await http.Request.Body.CopyToAsync(content);
        if (Convert.ToHexStringLower(SHA256.HashData(content.ToArray())) != digest)
        {
            return new WorkerRefusal("bad_digest", "The bytes have another digest.");
        }

        Blobs[digest] = content.ToArray();
        return new { };
    }

    private ServerAttempt Find(string id) => _attempts[long.Parse(id, CultureInfo.InvariantCulture)];

    private static async Task<T> ReadAsync<T>(HttpContext http) => (await http.Request.ReadFromJsonAsync<T>(Json))!;

    private static Task RefuseAsync(HttpContext http, int status, string error)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(new WorkerRefusal(error, $"Refused: {error}."), Json);
    }

    private void Changed()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
