using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Alidade.Server.Platform.Input;
using Alidade.Server.Tests.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Alidade.Server.Tests.Platform;

/// <summary>Whatever is sent to whatever route: a clear refusal or a success, never a failure of the server.</summary>
public sealed class HostileInputTests : IAsyncLifetime
{
    private static readonly string[] Values =
    [
        "null",
        "true",
        "-1",
        "0",
        "1",
        "9223372036854775807",
        "1e999",
        "1.5",
        "\"\"",
        "\"x\"",
        "\"' OR 1=1; DROP TABLE resource; --\"",
        "\"%_/\\\\\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\u202e\\ufeff\\ud83d\\ude00\"",
        "[]",
        "[null, {}, [[]], \"1\", 99999999]",
        "{}",
        "{\"a\": {\"b\": [1]}}",
    ];

    private TestServer _server = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        _client = await _server.SignInAsync("ada");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task No_body_makes_the_server_fail()
    {
        var failures = new List<string>();
        foreach (var (method, path, type) in Bodies())
        {
            foreach (var body in Hostile(type))
            {
                await TryAsync(failures, method, path, Encoding.UTF8.GetBytes(body));
            }
        }

        Assert.Empty(failures);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("\"text\"")]
    [InlineData("nonsense")]
    [InlineData("\ufeff{}")]
    public async Task A_body_that_is_no_object_is_refused(string body)
    {
        using var response = await _client.PostAsync("/api/v1/queues", new StringContent(body), CancellationToken.None);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("/api/v1/series/points?name=x&limit=many", "limit", "Not a valid integer.")]
    [InlineData("/api/v1/series/points", "name", "Missing data for required parameter.")]
    [InlineData("/api/v1/jobs/1/record/compare", "with", "Missing data for required parameter.")]
    public async Task A_wrong_parameter_is_told_in_words_of_the_api(string path, string parameter, string message)
    {
        using var response = await _client.GetAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(message, answer.RootElement.GetProperty("errors").GetProperty(parameter)[0].GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \u00a0\u3000")]
    public async Task A_name_can_be_seen(string name)
    {
        foreach (var kind in (string[])["queues", "experiments", "tags", "models", "pluginParameterTypes"])
        {
            using var response = await _client.PostAsJsonAsync($"/api/v1/{kind}", new { group = 1, name });
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Contains("can be seen", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Depth_and_size_have_limits()
    {
        var deep = "{\"name\":" + new string('[', 10_000) + new string(']', 10_000) + "}";
        using var tooDeep = await _client.PostAsync("/api/v1/queues", new StringContent(deep), CancellationToken.None);
        using var large = new HttpRequestMessage(HttpMethod.Post, "/api/v1/queues")
        {
            Content = new ByteArrayContent(new byte[(8 << 20) + 1]),
        };
        large.Headers.ExpectContinue = true;
        using var tooLarge = await _client.SendAsync(large);

        Assert.Equal(HttpStatusCode.BadRequest, tooDeep.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLarge.StatusCode);
    }

    [Fact]
    public async Task No_query_makes_the_server_fail()
    {
        var failures = new List<string>();
        string[] queries =
        [
            "index=-1",
            "index=x",
            "index=9223372036854775807",
            "pageLength=0",
            "pageLength=-5",
            "pageLength=1001",
            "pageLength=",
            "groupId=",
            "groupId=99",
            "descending=",
            "descending=maybe",
            "sortBy=password",
            "sortBy=name;DROP",
            "search=%00",
            "search=a%3Ab",
            "search='",
            "search=%5C",
            "search=name%3A%22%25_/%22",
            "search=%F0%9F%98%80",
        ];
        foreach (
            var path in new[]
            {
                "queues",
                "pluginParameterTypes",
                "plugins",
                "entrypoints",
                "experiments",
                "tags",
                "users",
                "groups",
            }
        )
        {
            foreach (var query in queries)
            {
                await TryAsync(failures, "GET", $"/api/v1/{path}?{query}", null);
            }
        }

        Assert.Empty(failures);
    }

    [Fact]
    public async Task Every_wrong_field_is_named_at_once()
    {
        var refused = await _client.PostJsonAsync(
            "/api/v1/entrypoints",
            new
            {
                group = "x",
                name = 1,
                queues = new object[] { "a", 1 },
                parameters = new[] { new { name = "p", parameterType = "text" } },
                extra = 1,
            },
            HttpStatusCode.BadRequest
        );

        var errors = refused["errors"]!.AsObject();
        Assert.Equal(
            ["extra", "group", "name", "parameters", "queues", "taskGraph"],
            errors.Select(e => e.Key).Order(StringComparer.Ordinal)
        );
        Assert.Equal("Not a valid integer.", errors["queues"]!["0"]![0]!.GetValue<string>());
        Assert.StartsWith(
            "Must be one of",
            errors["parameters"]!["0"]!["parameterType"]![0]!.GetValue<string>(),
            StringComparison.Ordinal
        );
    }

    private async Task TryAsync(List<string> failures, string method, string path, byte[]? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        using var response = await _client.SendAsync(request);
        if ((int)response.StatusCode >= 500)
        {
            failures.Add(
                $"{method} {path} {(body is null ? "" : Encoding.UTF8.GetString(body))[..Math.Min(200, body?.Length ?? 0)]}: {(int)response.StatusCode}"
            );
        }
    }

    /// <summary>Every route that reads a body, with ids that exist; those that would end this session are left out.</summary>
    private IEnumerable<(string Method, string Path, Type Body)> Bodies() =>
        from endpoint in _server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let body = endpoint.Metadata.GetMetadata<BodyMetadata>()
        let path = endpoint.RoutePattern.RawText!
        where
            body is not null
            && !path.Contains("/auth/", StringComparison.Ordinal)
            && !path.Contains("/users", StringComparison.Ordinal)
        select (
            endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0],
            System.Text.RegularExpressions.Regex.Replace(path, @"\{[^}]*\}", "1"),
            body.Type
        );

    /// <summary>Bodies of a shape with one field at a time put wrong, and all of them together.</summary>
    private static IEnumerable<string> Hostile(Type type)
    {
        var fields = type.GetConstructors()
            .OrderByDescending(c => c.GetParameters().Length)
            .First()
            .GetParameters()
            .Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name!))
            .ToList();
        yield return "{}";
        foreach (var value in Values)
        {
            yield return "{" + string.Join(',', fields.Select(f => $"\"{f}\": {value}")) + "}";
            foreach (var field in fields)
            {
                yield return "{"
                    + string.Join(
                        ',',
                        fields.Select(f => $"\"{f}\": {(f == field ? value : f == "group" ? "1" : "\"ok\"")}")
                    )
                    + "}";
            }
        }
    }
}
