using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Alidade.Server.Platform.Security;
using Alidade.Server.Tests.Artifacts;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;
using Microsoft.AspNetCore.Routing;

namespace Alidade.Server.Tests.Workers;

/// <summary>What a running job may do through its worker's agent, and for how long.</summary>
public sealed class AttemptTokenTests
{
    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task It_opens_the_jobs_own_routes_and_dies_with_the_attempt(Dialect dialect)
    {
        await using var server = await TestServer.StartAsync(dialect);
        using var ada = await server.SignInAsync("ada");
        var (own, other) = (await server.NewJobAsync(ada), await server.NewJobAsync(ada));
        using var worker = await server.NewWorkerAsync();
        var grant = await ClaimAsync(server, worker);
        Assert.Equal(own.Id, grant["job"]!.GetValue<long>());
        var attempt = $"/api/v1/worker/attempts/{grant["attempt"]}";
        using var job = server.NewClient();
        job.DefaultRequestHeaders.Authorization = await TokenAsync(worker, attempt, grant);

        var seen = await job.GetJsonAsync($"/api/v1/jobs/{own.Id}");
        Assert.Equal(own.Id, seen.Id());
        await job.PostJsonAsync($"/api/v1/jobs/{own.Id}/metrics", new { name = "loss", value = 0.5 });
        Assert.Equal(
            "loss",
            (await ada.GetJsonAsync($"/api/v1/jobs/{own.Id}/metrics"))[0]!["name"]!.GetValue<string>()
        );
        await job.GetJsonAsync($"/api/v1/jobs/{other.Id}", HttpStatusCode.NotFound);
        await job.PostJsonAsync(
            $"/api/v1/jobs/{other.Id}/metrics",
            new { name = "loss", value = 0.5 },
            HttpStatusCode.NotFound
        );

        await worker.PostJsonAsync($"{attempt}/release?fence={grant["fence"]}", null);

        var refused = await job.GetJsonAsync($"/api/v1/jobs/{own.Id}", HttpStatusCode.Unauthorized);
        Assert.Equal("TokenError", refused["error"]!.GetValue<string>());
        await worker.PostJsonAsync($"{attempt}/token?fence={grant["fence"]}", null, HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Every_other_endpoint_is_shut_to_it()
    {
        await using var server = await TestServer.StartAsync();
        using var ada = await server.SignInAsync("ada");
        await server.NewJobAsync(ada);
        using var worker = await server.NewWorkerAsync();
        var grant = await ClaimAsync(server, worker);
        using var job = server.NewClient();
        var attempt = $"/api/v1/worker/attempts/{grant["attempt"]}";
        job.DefaultRequestHeaders.Authorization = await TokenAsync(worker, attempt, grant);

        var open = new List<string>();
        foreach (var endpoint in server.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            if (
                endpoint.Metadata.GetMetadata<OpenToAttempts>() is not null
                || endpoint.RoutePattern.RawText is not { } text
                // Nobody is looked up for these, so everybody is told the same.
                || text.StartsWith("/health", StringComparison.Ordinal)
            )
            {
                continue;
            }

            var path = "/" + System.Text.RegularExpressions.Regex.Replace(text, @"\{[^}]*\}", "1").TrimStart('/');
            var method = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.FirstOrDefault() ?? "GET";
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            using var response = await job.SendAsync(request);
            if (response.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.NotFound))
            {
                open.Add($"{method} {text}: {(int)response.StatusCode}");
            }
        }

        Assert.Empty(open);
    }

    [Fact]
    public async Task It_is_stored_as_a_digest_only_and_an_invented_one_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        using var ada = await server.SignInAsync("ada");
        var own = await server.NewJobAsync(ada);
        using var worker = await server.NewWorkerAsync();
        var grant = await ClaimAsync(server, worker);
        var token = await TokenAsync(worker, $"/api/v1/worker/attempts/{grant["attempt"]}", grant);

        var stored = await server
            .Service<Stores>()
            .Core.ReadAsync(s => s.Query<string>("SELECT digest FROM attempt_token"));
        Assert.Equal(Secret.Digest(token.Parameter!), Assert.Single(stored));
        using var liar = server.NewClient();
        liar.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "ala_invented");
        await liar.GetJsonAsync($"/api/v1/jobs/{own.Id}", HttpStatusCode.Unauthorized);
    }

    /// <summary>The sample jobs have no steps; a plan makes them fit to run.</summary>
    private static async Task<JsonNode> ClaimAsync(TestServer server, HttpClient worker)
    {
        await server
            .Service<Stores>()
            .Core.WriteAsync(t => t.Execute("UPDATE job_detail SET plan = '{}', plan_digest = '', plan_error = NULL"));
        var claim = new { free = 1, waitSeconds = 0 };
        return (await worker.PostJsonAsync("/api/v1/worker/sessions/1/claim", claim))["grants"]![0]!;
    }

    private static async Task<AuthenticationHeaderValue> TokenAsync(HttpClient worker, string attempt, JsonNode grant)
    {
        var reply = await worker.PostJsonAsync($"{attempt}/token?fence={grant["fence"]}", null);
        return new AuthenticationHeaderValue("Bearer", reply["token"]!.GetValue<string>());
    }
}
