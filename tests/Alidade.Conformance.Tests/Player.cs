using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Alidade.Conformance.Tests;

/// <summary>Plays a conversation against a running, empty server as the peer's client would.</summary>
public sealed class Player(Uri server) : IDisposable
{
    private const int MostRedirects = 3;

    private readonly HttpClient _client = new(
        new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }
    );

    private readonly Bindings _bindings = new();

    public void Dispose() => _client.Dispose();

    /// <exception cref="Mismatch">Says at which step the answer differs, and how.</exception>
    public async Task PlayAsync(Conversation conversation, CancellationToken cancellation)
    {
        foreach (var (n, exchange) in conversation.Exchanges.Index())
        {
            var target = new Substitution(_bindings).Target(exchange);
            try
            {
                await PlayAsync(exchange, target, cancellation);
            }
            catch (Mismatch m)
            {
                throw new Mismatch(
                    $"step {n + 1} of {conversation.Exchanges.Count}: {exchange.Method} {target}: {m.Message}"
                );
            }
        }
    }

    private async Task PlayAsync(Exchange exchange, string target, CancellationToken cancellation)
    {
        var body = new Substitution(_bindings).Body(exchange);
        if (exchange is { ToTracking: true, Status: 200 } && exchange.Path.EndsWith("experiments/get-by-name"))
        {
            // The recording server had this experiment from before.
            var name = JsonSerializer.SerializeToUtf8Bytes(new { name = exchange.Query[0][1] });
            await SendAsync("POST", "/api/2.0/mlflow/experiments/create", name, "application/json", cancellation);
        }

        var (status, answer) = await SendAsync(exchange.Method, target, body, exchange.Type, cancellation);
        Mismatch.When(
            status != exchange.Status,
            $"expected status {exchange.Status}, got {status}: {Short(answer)}\n"
                + $"  request body: {Short(body ?? [])}\n  recorded answer: {exchange.Response.Json}"
        );
        var want = exchange.Response.Json;
        if (exchange.ToTracking)
        {
            TakeOver(want, Parse(answer) ?? default);
        }
        else if (want.ValueKind != JsonValueKind.Undefined)
        {
            var got = Parse(answer) ?? throw new Mismatch($"the answer is not JSON: {Short(answer)}");
            new AnswerComparer(_bindings, IdKinds.OfAnswer(exchange.Path), exchange.Status >= 400).Compare(want, got);
        }
    }

    /// <summary>Follows the redirects that keep method and body, as the peer's client does.</summary>
    private async Task<(int Status, byte[] Answer)> SendAsync(
        string method,
        string target,
        byte[]? body,
        string? type,
        CancellationToken cancellation
    )
    {
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), Exactly(target));
            if (body is not null || method is "POST" or "PUT")
            {
                request.Content = new ByteArrayContent(body ?? []);
                request.Content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
            }

            using var response = await _client.SendAsync(request, cancellation);
            var moved = response.StatusCode is HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
            if (!moved || response.Headers.Location is not { } location || redirects == MostRedirects)
            {
                return ((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellation));
            }

            target = location.IsAbsoluteUri ? location.PathAndQuery : location.OriginalString;
        }
    }

    /// <summary>The address as recorded: the framework would tidy up what the server shall judge.</summary>
    private Uri Exactly(string target) =>
        new(
            server.GetLeftPart(UriPartial.Authority) + target,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }
        );

    /// <summary>MLflow's own answers are judged by status alone; ids and addresses in them are taken over.</summary>
    private void TakeOver(JsonElement want, JsonElement got, string key = "")
    {
        if (want.ValueKind == JsonValueKind.Object && got.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in want.EnumerateObject())
            {
                if (got.TryGetProperty(member.Name, out var ours))
                {
                    TakeOver(member.Value, ours, member.Name);
                }
            }
        }
        else if (want.ValueKind == JsonValueKind.Array && got.ValueKind == JsonValueKind.Array)
        {
            foreach (var (a, b) in want.EnumerateArray().Zip(got.EnumerateArray()))
            {
                TakeOver(a, b, key);
            }
        }
        else if (key == "experiment_id")
        {
            _bindings.Set("mlflow", want.ToString(), got.ToString());
        }
        else if (key is "run_id" or "run_uuid" or "artifact_uri" && want.ValueKind == JsonValueKind.String)
        {
            _bindings.SetText(want.GetString()!, got.ToString());
        }
    }

    private static JsonElement? Parse(byte[] answer)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(answer);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Short(byte[] bytes) => Encoding.UTF8.GetString(bytes, 0, Math.Min(bytes.Length, 300));
}
