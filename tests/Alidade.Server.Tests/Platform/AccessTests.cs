using System.Net;
using Alidade.Server.Platform.Security;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Users;
using Alidade.Storage.Platform;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Alidade.Server.Tests.Platform;

/// <summary>Who gets in, and what stays shut.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Every_endpoint_is_closed_unless_it_is_listed_here()
    {
        string[] open =
        [
            "GET /health",
            "GET /health/live",
            "GET /health/ready",
            "GET /version",
            "GET /api/3.0/mlflow/server-info",
            "GET /ajax-api/3.0/mlflow/server-info",
            "GET /openapi/{documentName}.json",
            "POST /api/v1/auth/login",
            "POST /api/v1/users/",
        ];
        var anonymous = Endpoints()
            .Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is not null && IsProgramRoute(e))
            .Select(Name)
            .Order(StringComparer.Ordinal);

        Assert.Equal(open.Order(StringComparer.Ordinal), anonymous);
    }

    [Fact]
    public async Task Without_credentials_every_route_of_the_api_stays_shut()
    {
        using var client = _server.NewClient();
        var wrong = new List<string>();
        foreach (
            var endpoint in Endpoints()
                .Where(e => IsProgramRoute(e) && e.Metadata.GetMetadata<IAllowAnonymous>() is null)
        )
        {
            var path = System.Text.RegularExpressions.Regex.Replace(endpoint.RoutePattern.RawText!, @"\{[^}]*\}", "1");
            using var request = new HttpRequestMessage(new HttpMethod(Name(endpoint).Split(' ')[0]), path);
            using var response = await client.SendAsync(request);
            var shut = endpoint.Metadata.GetMetadata<OwnCredential>() is null
                ? response.StatusCode == HttpStatusCode.Unauthorized
                : (int)response.StatusCode is >= 400 and < 500;
            if (!shut)
            {
                wrong.Add($"{Name(endpoint)}: {(int)response.StatusCode}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Another_groups_things_do_not_exist()
    {
        using var owner = await _server.SignInAsync("owner");
        using var stranger = await _server.SignInAsync("stranger");
        var hidden = await HideInOwnGroupAsync(owner);

        await owner.GetJsonAsync($"/api/v1/queues/{hidden}");
        foreach (
            var path in new[]
            {
                $"/api/v1/queues/{hidden}",
                $"/api/v1/queues/{hidden}/snapshots",
                $"/api/v1/queues/{hidden}/tags",
            }
        )
        {
            await stranger.GetJsonAsync(path, HttpStatusCode.NotFound);
        }

        await stranger.PutJsonAsync($"/api/v1/queues/{hidden}", new { name = "mine" }, HttpStatusCode.NotFound);
        await stranger.DeleteJsonAsync($"/api/v1/queues/{hidden}", HttpStatusCode.NotFound);
        await stranger.PostJsonAsync("/api/v1/queues", new { name = "x", group = 2 }, HttpStatusCode.NotFound);
        await stranger.GetJsonAsync("/api/v1/queues?groupId=2", HttpStatusCode.NotFound);
        await stranger.PostJsonAsync(
            "/api/v1/entrypoints",
            new
            {
                name = "e",
                group = 1,
                taskGraph = "",
                queues = new[] { hidden },
            },
            HttpStatusCode.NotFound
        );
        Assert.Equal(0, (await stranger.GetJsonAsync("/api/v1/queues"))["totalNumResults"]!.GetValue<long>());
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", false)]
    [InlineData("Sec-Fetch-Site", "same-site", false)]
    [InlineData("Origin", "http://evil.example", false)]
    [InlineData("Origin", "null", false)]
    [InlineData("Sec-Fetch-Site", "same-origin", true)]
    [InlineData("X-None", "1", true)]
    public async Task A_cookie_counts_only_from_our_own_pages(string header, string value, bool allowed)
    {
        using var client = await _server.SignInAsync("ada");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/queues")
        {
            Content = System.Net.Http.Json.JsonContent.Create(new { name = "q", group = 1 }),
        };
        request.Headers.Add(header, value);

        using var response = await client.SendAsync(request);

        Assert.Equal(allowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task Another_site_can_neither_register_nor_sign_in_through_a_browser()
    {
        using var client = _server.NewClient();
        client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "cross-site");

        await client.PostJsonAsync("/api/v1/users", new { }, HttpStatusCode.Forbidden);
        await client.PostJsonAsync("/api/v1/auth/login", new { }, HttpStatusCode.Forbidden);
        using var form = await client.PostAsync(new Uri("/signin", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.Forbidden, form.StatusCode);
    }

    [Theory]
    [InlineData("evil.example", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("localhost", true)]
    [InlineData("[::1]:8420", true)]
    public async Task On_loopback_another_host_name_is_another_site_in_disguise(string host, bool allowed)
    {
        using var client = _server.NewClient();
        foreach (var path in new[] { "/health", "/signin" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = host } };
            using var response = await client.SendAsync(request);
            Assert.Equal(!allowed, response.StatusCode == HttpStatusCode.BadRequest);
        }
    }

    [Fact]
    public async Task A_new_password_ends_every_session()
    {
        using var here = await _server.SignInAsync("ada");
        using var there = _server.NewClient();
        await there.PostJsonAsync("/api/v1/auth/login", new { username = "ada", password = "correct horse ada" });

        await here.PostJsonAsync(
            "/api/v1/users/current/password",
            new
            {
                oldPassword = "correct horse ada",
                newPassword = "battery staple",
                confirmNewPassword = "battery staple",
            }
        );

        await here.GetJsonAsync("/api/v1/users/current", HttpStatusCode.Unauthorized);
        await there.GetJsonAsync("/api/v1/users/current", HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_one_time_link_works_once()
    {
        using var client = await _server.SignInAsync("ada");
        var welcome = _server.App.Services.GetRequiredService<WelcomeService>();
        var code = await welcome.IssueAsync(1, CancellationToken.None);

        await welcome.SignInAsync(code, "here", CancellationToken.None);

        await Assert.ThrowsAsync<Alidade.Server.Platform.Errors.RefusedException>(() =>
            welcome.SignInAsync(code, "here", CancellationToken.None)
        );
    }

    [Fact]
    public async Task The_setup_link_ends_with_the_first_account_however_it_was_made()
    {
        var welcome = _server.App.Services.GetRequiredService<WelcomeService>();
        var code = await welcome.IssueAsync(null, CancellationToken.None);
        using var client = await _server.SignInAsync("ada");

        Assert.Null(await welcome.FindAsync(code, CancellationToken.None));
    }

    [Fact]
    public async Task By_default_only_the_first_account_registers_itself()
    {
        await using var server = await TestServer.StartAsync(change: o => o with { Registration = "first" });
        using var first = await server.SignInAsync("first");
        using var second = server.NewClient();

        var refused = await second.PostJsonAsync(
            "/api/v1/users",
            new
            {
                username = "second",
                email = "s@x",
                password = "p",
                confirmPassword = "p",
            },
            HttpStatusCode.Forbidden
        );

        Assert.Equal("RegistrationClosedError", refused["error"]!.GetValue<string>());
    }

    [Fact]
    public async Task Nothing_that_signs_in_is_stored_in_the_clear()
    {
        using var client = await _server.SignInAsync("ada");
        var code = await _server
            .App.Services.GetRequiredService<WelcomeService>()
            .IssueAsync(1, CancellationToken.None);
        var stores = _server.App.Services.GetRequiredService<Stores>();

        var stored = await stores.Core.ReadAsync(s =>
            string.Join(
                '\n',
                s.Query<string>(
                    "SELECT password FROM user_account UNION ALL SELECT digest FROM sign_in UNION ALL SELECT digest FROM one_time_code"
                )
            )
        );

        Assert.DoesNotContain("correct horse", stored, StringComparison.Ordinal);
        Assert.DoesNotContain(code, stored, StringComparison.Ordinal);
        Assert.Contains(Secret.Digest(code), stored, StringComparison.Ordinal);
    }

    /// <summary>A queue in a second group that only its owner belongs to.</summary>
    private async Task<long> HideInOwnGroupAsync(HttpClient owner)
    {
        var queue = (await owner.PostJsonAsync("/api/v1/queues", new { name = "hidden", group = 1 })).Id();
        var stores = _server.App.Services.GetRequiredService<Stores>();
        await stores.Core.WriteAsync(t =>
        {
            t.Execute("INSERT INTO user_group (name, creator_id, created, modified) VALUES ('lab', 1, 1, 1)");
            t.Execute("INSERT INTO membership (group_id, user_id, role) VALUES (2, 1, 'admin')");
            t.Execute("UPDATE resource_count SET total = total - 1 WHERE kind = 'queue' AND group_id = 1");
            return t.Execute("UPDATE resource SET group_id = 2 WHERE id = @queue", new { queue });
        });
        return queue;
    }

    private IEnumerable<RouteEndpoint> Endpoints() =>
        _server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    private static bool IsProgramRoute(RouteEndpoint endpoint) =>
        endpoint.RoutePattern.RawText is { } path
        && (
            path.StartsWith("/api", StringComparison.Ordinal)
            || path.StartsWith("/openapi", StringComparison.Ordinal)
            || path.StartsWith("/health", StringComparison.Ordinal)
            || path.StartsWith("/ajax-api", StringComparison.Ordinal)
            || path == "/version"
        );

    private static string Name(RouteEndpoint endpoint) =>
        $"{endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods[0] ?? "GET"} {endpoint.RoutePattern.RawText}";
}
