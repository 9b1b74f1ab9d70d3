using System.Collections.Concurrent;
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
    private readonly AttemptLedger _ledger = new();
    private readonly Lock _gate = new();
    private readonly ConcurrentQueue<(string Path, Fault Fault)> _faults = new();
    private int _tokens;

    private FakeServer(WebApplication app) => _app = app;

    public string Address { get; private set; } = "";

    /// <summary>Queues that its token lets workers serve.</summary>
    public IReadOnlyList<string> Allowed { get; set; } = ["q*"];

    public Intervals Intervals { get; init; } = new(Renew: 0.2, ClaimWait: 5, Lease: 60, LostAfter: 300);

    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    public ConcurrentQueue<SessionRequest> Registrations => _ledger.Registrations;

    public ConcurrentQueue<string> Requests { get; } = new();

    public bool RefusesToken { get; set; }

    public double TokenSeconds { get; set; } = 900;

    /// <summary>Nothing gets through while this is set.</summary>
    public bool IsDown { get; set; }

    /// <summary>The most attempts that were owned at one time.</summary>
    public int MostOwned => _ledger.MostOwned;

    public bool HasLeft => _ledger.HasLeft;

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
    public ServerAttempt Submit(Func<long, Grant> grant) => _ledger.Submit(grant);

    public Task UntilAsync(ServerAttempt attempt, Func<ServerAttempt, bool> condition) =>
        UntilAsync(() => condition(attempt));

    /// <summary>Waits for something that follows from requests; the limit only ends a test that hangs.</summary>
    public Task UntilAsync(Func<bool> condition) => _ledger.UntilAsync(condition);

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
        _ledger.Tell();
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
                _ledger.EndSession();
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
        if (secret != (path is ["sessions"] or ["token"] ? $"Bearer {Token}" : $"Bearer secret-{_ledger.Session}"))
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
            ["token"] => new TokenReply("test", Allowed),
            ["sessions"] => _ledger.Register(await ReadAsync<SessionRequest>(http), Intervals),
            ["sessions", _] => _ledger.Leave(),
            ["sessions", _, "claim"] => await _ledger.ClaimAsync(
                await ReadAsync<ClaimRequest>(http),
                http.RequestAborted
            ),
            ["sessions", _, "renew"] => _ledger.Renew(await ReadAsync<RenewRequest>(http)),
            ["attempts", var id, "events"] => await EventsAsync(http, _ledger.Find(id)),
            ["attempts", var id, "finish"] => _ledger.Finish(
                _ledger.Find(id),
                await ReadAsync<FinishRequest>(http),
                loseReply
            ),
            ["attempts", var id, "release"] => AttemptLedger.Release(_ledger.Find(id)),
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

    private static async Task<object> EventsAsync(HttpContext http, ServerAttempt attempt)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var text = await reader.ReadToEndAsync();
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var events = lines.Select(line => JsonDocument.Parse(line).RootElement);
        return new EventsReply(attempt.Take(events));
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

    private static async Task<T> ReadAsync<T>(HttpContext http) => (await http.Request.ReadFromJsonAsync<T>(Json))!;

    private static Task RefuseAsync(HttpContext http, int status, string error)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(new WorkerRefusal(error, $"Refused: {error}."), Json);
    }
}
