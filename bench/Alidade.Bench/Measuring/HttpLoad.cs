using System.Diagnostics;
using System.Net.Http.Headers;
using Alidade.Client;

namespace Alidade.Bench.Measuring;

/// <summary>The same request over several connections at once, for a while.</summary>
internal static class HttpLoad
{
    public static HttpClient NewHttp(Uri server, Credentials? session)
    {
        var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = server };
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (session?.Cookies is { } cookies)
        {
            http.DefaultRequestHeaders.Add("Cookie", string.Join("; ", cookies.Select(c => $"{c.Key}={c.Value}")));
        }

        return http;
    }

    /// <returns>Milliseconds of each request.</returns>
    public static async Task<List<double>> LoadAsync(
        HttpClient http,
        string path,
        int connections,
        TimeSpan length,
        CancellationToken cancellation
    )
    {
        var begun = Stopwatch.GetTimestamp();
        var each = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => OneAsync()));
        return [.. each.SelectMany(times => times)];

        async Task<List<double>> OneAsync()
        {
            var times = new List<double>();
            while (Stopwatch.GetElapsedTime(begun) < length)
            {
                var asked = Stopwatch.GetTimestamp();
                _ = await http.GetByteArrayAsync(path, cancellation);
                times.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            }

            return times;
        }
    }
}
