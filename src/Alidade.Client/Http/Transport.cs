using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Alidade.Client.Http;

/// <summary>JSON over HTTP. Only GET is repeated when the network or the server fails for a moment; nothing else is safe to.</summary>
internal sealed class Transport(HttpClient http, TimeProvider time)
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new FloatConverter() },
    };

    private const int Tries = 5;

    public Task<T> GetAsync<T>(string path, CancellationToken cancellation) =>
        SendAsync<T>(HttpMethod.Get, path, null, cancellation);

    /// <param name="body">A record to be sent as JSON, or an <see cref="HttpContent"/> as it is.</param>
    public Task<T> PostAsync<T>(string path, object? body, CancellationToken cancellation) =>
        SendAsync<T>(HttpMethod.Post, path, body, cancellation);

    public Task<T> PutAsync<T>(string path, object? body, CancellationToken cancellation) =>
        SendAsync<T>(HttpMethod.Put, path, body, cancellation);

    public Task<T> PatchAsync<T>(string path, HttpContent body, CancellationToken cancellation) =>
        SendAsync<T>(HttpMethod.Patch, path, body, cancellation);

    public Task DeleteAsync(string path, CancellationToken cancellation) =>
        SendAsync<JsonNode>(HttpMethod.Delete, path, null, cancellation);

    /// <summary>The body as it arrives; disposing the stream ends the request. Reading it may throw an <see cref="IOException"/>.</summary>
    public Task<Stream> OpenAsync(string path, CancellationToken cancellation) =>
        TryAsync(
            HttpMethod.Get,
            path,
            null,
            response => response.Content.ReadAsStreamAsync(cancellation),
            cancellation
        );

    /// <summary>As <see cref="OpenAsync"/>, from an offset on, with the tag that says which content it is.</summary>
    public Task<(Stream Content, string? Tag)> OpenAtAsync(string path, long offset, CancellationToken cancellation) =>
        TryAsync(
            HttpMethod.Get,
            path,
            null,
            async response =>
                (await response.Content.ReadAsStreamAsync(cancellation), response.Headers.ETag?.Tag.Trim('"')),
            cancellation,
            offset == 0 ? null : new RangeHeaderValue(offset, null)
        );

    private Task<T> SendAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellation) =>
        TryAsync(method, path, body, response => ReadAsync<T>(response, cancellation), cancellation);

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellation)
    {
        using (response)
        {
            try
            {
                return await response.Content.ReadFromJsonAsync<T>(Json, cancellation)
                    ?? throw new JsonException("the body is null");
            }
            catch (JsonException problem)
            {
                var request = response.RequestMessage;
                throw ApiException.Of(
                    response.StatusCode,
                    $"{request?.Method} {request?.RequestUri}: the answer is not what this client expects ({problem.Message}). "
                        + "Is this an Alidade server of the same version?",
                    problem
                );
            }
        }
    }

    private async Task<T> TryAsync<T>(
        HttpMethod method,
        string path,
        object? body,
        Func<HttpResponseMessage, Task<T>> read,
        CancellationToken cancellation,
        RangeHeaderValue? range = null
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            var mayRepeat = method == HttpMethod.Get && attempt < Tries;
            TimeSpan? wait = null;
            try
            {
                using var request = new HttpRequestMessage(method, path);
                request.Headers.Range = range;
                if (body is HttpContent content)
                {
                    // A large body that is refused is refused before it is sent.
                    request.Headers.ExpectContinue = true;
                    request.Content = content;
                }
                else if (body is not null)
                {
                    request.Content = JsonContent.Create(body, body.GetType(), options: Json);
                }

                var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
                if (response.IsSuccessStatusCode)
                {
                    return await read(response);
                }

                using (response)
                {
                    if (!mayRepeat || !IsPassing(response.StatusCode))
                    {
                        throw await ErrorBody.ReadAsync(response, cancellation);
                    }

                    wait = response.Headers.RetryAfter?.Delta;
                }
            }
            catch (Exception problem) when (problem is HttpRequestException or IOException)
            {
                if (!mayRepeat)
                {
                    throw ApiException.Of(null, $"No answer from {http.BaseAddress}: {problem.Message}", problem);
                }
            }

            await Task.Delay(wait ?? Backoff(attempt), time, cancellation);
        }
    }

    private static bool IsPassing(HttpStatusCode status) =>
        status
            is HttpStatusCode.TooManyRequests
                or HttpStatusCode.BadGateway
                or HttpStatusCode.ServiceUnavailable
                or HttpStatusCode.GatewayTimeout;

    /// <summary>0.1 s, 0.2 s, 0.4 s, ..., each a little off so that many clients do not come back together.</summary>
    private static TimeSpan Backoff(int attempt) =>
        TimeSpan.FromSeconds(0.1 * Math.Pow(2, attempt - 1) * (0.75 + (Random.Shared.NextDouble() / 2)));
}
