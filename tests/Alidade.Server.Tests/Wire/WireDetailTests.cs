using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Artifacts;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Tests.MLflow;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Wire;

/// <summary>Small habits of Dioptra's wire that its own tests look at.</summary>
public sealed class WireDetailTests : IAsyncLifetime
{
    private TestServer _server = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(Dialect.Sqlite);
        _client = await _server.SignInAsync("ada");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_page_of_no_records_tells_how_many_a_log_has()
    {
        var job = await _server.NewJobAsync(_client);
        var record = new
        {
            severity = "INFO",
            loggerName = "here",
            message = "x",
        };
        await _client.PostJsonAsync($"/api/v1/jobs/{job.Id}/log", new { data = new[] { record, record } });

        var page = await _client.GetJsonAsync($"/api/v1/jobs/{job.Id}/log?index=1&pageLength=0");

        Assert.Empty(page["data"]!.AsArray());
        Assert.Equal(2, page["totalNumResults"]!.GetValue<long>());
        Assert.False(page["isComplete"]!.GetValue<bool>());
        Assert.Equal($"/api/v1/jobs/{job.Id}/log?index=1&pageLength=0", page["next"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("2024-01-15T10:30:00+00:00")]
    [InlineData("2024-01-15T10:30:00.000001+00:00")]
    public async Task A_time_is_written_as_it_was_sent(string timestamp)
    {
        var job = await _server.NewJobAsync(_client);
        var point = new
        {
            name = "loss",
            value = 0.5,
            step = 1,
            timestamp,
        };
        await _client.PostJsonAsync($"/api/v1/jobs/{job.Id}/metrics", point);

        var points = await _client.GetJsonAsync($"/api/v1/jobs/{job.Id}/metrics/loss/snapshots");

        Assert.Equal(timestamp, points["data"]![0]!["timestamp"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("system/disk/read")]
    [InlineData("system%2Fdisk%2Fread")]
    public async Task A_metric_is_found_by_a_name_with_slashes_escaped_or_not(string inPath)
    {
        var job = await _server.NewJobAsync(_client);
        await new TrackingClient(_client).LogAsync(job.Run, "system/disk/read", 0.5);

        var points = await _client.GetJsonAsync($"/api/v1/jobs/{job.Id}/metrics/{inPath}/snapshots");

        Assert.Equal("system/disk/read", points["data"]![0]!["name"]!.GetValue<string>());
        await _client.GetJsonAsync($"/api/v1/jobs/{job.Id}/metrics/{inPath}/other", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_taken_name_is_told_before_a_fault_of_the_parameters()
    {
        var parameter = new { name = "twice", parameterType = "string" };
        async Task<(HttpStatusCode Status, string Error)> Create(string name)
        {
            using var response = await _client.PostAsJsonAsync(
                "/api/v1/entrypoints",
                new
                {
                    name,
                    group = 1,
                    taskGraph = "",
                    parameters = new[] { parameter, parameter },
                },
                TestContext.Current.CancellationToken
            );
            var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            return (response.StatusCode, JsonNode.Parse(body)!["error"]!.GetValue<string>());
        }

        await _client.PostJsonAsync(
            "/api/v1/entrypoints",
            new
            {
                name = "taken",
                group = 1,
                taskGraph = "",
            }
        );

        Assert.Equal((HttpStatusCode.Conflict, "EntityExistsError"), await Create("taken"));
        Assert.Equal((HttpStatusCode.BadRequest, "QueryParameterNotUniqueError"), await Create("free"));
    }

    [Theory]
    [InlineData("PATCH", "/api/v1/queues/1", HttpStatusCode.MethodNotAllowed, "DELETE, GET, PUT")]
    [InlineData("DELETE", "/api/v1/queues/", HttpStatusCode.MethodNotAllowed, "GET, POST")]
    [InlineData("GET", "/api/v1/auth/login", HttpStatusCode.MethodNotAllowed, "POST")]
    [InlineData("PATCH", "/api/v1/queues/first", HttpStatusCode.NotFound, "")]
    [InlineData("PATCH", "/api/v1/nothing", HttpStatusCode.NotFound, "")]
    public async Task A_method_that_a_path_does_not_take_is_405(
        string method,
        string path,
        HttpStatusCode expected,
        string allowed
    )
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow));
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.NotEmpty(JsonNode.Parse(body)!["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_ids_that_were_not_found_stand_in_the_sentence()
    {
        using var response = await _client.PostAsJsonAsync(
            "/api/v1/experiments",
            new
            {
                name = "x",
                group = 1,
                entrypoints = new[] { 998, 999 },
            },
            TestContext.Current.CancellationToken
        );
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("998, 999", JsonNode.Parse(body)!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_structure_of_a_type_is_an_object_or_null()
    {
        async Task<HttpStatusCode> Create(string name, object? structure)
        {
            using var response = await _client.PostAsJsonAsync(
                "/api/v1/pluginParameterTypes",
                new
                {
                    name,
                    group = 1,
                    structure,
                },
                TestContext.Current.CancellationToken
            );
            return response.StatusCode;
        }

        Assert.Equal(HttpStatusCode.BadRequest, await Create("text", "integer"));
        Assert.Equal(HttpStatusCode.BadRequest, await Create("list", new[] { 1 }));
        Assert.Equal(HttpStatusCode.OK, await Create("none", null));
        Assert.Equal(HttpStatusCode.OK, await Create("object", new { list = "integer" }));
    }
}
