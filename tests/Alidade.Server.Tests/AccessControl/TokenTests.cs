using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Alidade.Server.Tests.AccessControl;

/// <summary>Tokens: what they open, and when they end.</summary>
public sealed class TokenTests
{
    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task A_token_is_shown_once_and_works_until_it_is_revoked(Dialect dialect)
    {
        await using var server = await TestServer.StartAsync(dialect);
        using var ada = await server.SignInAsync("ada");
        var made = await MakeAsync(ada, "write");
        using var program = server.WithToken(made);

        Assert.StartsWith("alt_", Secret(made), StringComparison.Ordinal);
        Assert.Equal("ada", (await program.GetJsonAsync("/api/v1/users/current"))["username"]!.GetValue<string>());
        await program.PostJsonAsync("/api/v1/queues", new { name = "q", group = 1 });

        var listed = (await ada.GetJsonAsync("/api/v1/tokens"))["data"]!.AsArray();
        Assert.Single(listed);
        Assert.DoesNotContain(Secret(made), listed.ToJsonString(), StringComparison.Ordinal);

        await ada.DeleteJsonAsync($"/api/v1/tokens/{made.Id()}");
        var refused = await program.GetJsonAsync("/api/v1/queues", HttpStatusCode.Unauthorized);
        Assert.Equal("TokenError", refused["error"]!.GetValue<string>());
        await ada.DeleteJsonAsync($"/api/v1/tokens/{made.Id()}", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Clients_that_know_only_passwords_send_it_as_one()
    {
        await using var server = await TestServer.StartAsync();
        using var ada = await server.SignInAsync("ada");
        var made = await MakeAsync(ada, "read");
        using var program = server.NewClient();

        program.DefaultRequestHeaders.Authorization = Basic("anything", Secret(made));
        await program.GetJsonAsync("/api/v1/queues");
        program.DefaultRequestHeaders.Authorization = Basic("ada", "correct horse ada");
        await program.GetJsonAsync("/api/v1/queues", HttpStatusCode.Unauthorized);
        program.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", "%%%");
        await program.GetJsonAsync("/api/v1/queues", HttpStatusCode.Unauthorized);
        program.DefaultRequestHeaders.Authorization = null;
        await program.GetJsonAsync($"/api/v1/queues?token={Secret(made)}", HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_header_counts_before_a_cookie()
    {
        await using var server = await TestServer.StartAsync();
        using var ada = await server.SignInAsync("ada");
        ada.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "alt_unknown");

        await ada.GetJsonAsync("/api/v1/users/current", HttpStatusCode.Unauthorized);
    }

    [Theory]
    // Scopes; may it read, create a queue, log a metric, make worker tokens, make tokens?
    [InlineData("read", true, false, false, false)]
    [InlineData("track", false, false, true, false)]
    [InlineData("write", true, true, true, false)]
    [InlineData("admin", true, true, true, true)]
    [InlineData("system:read", false, false, false, false)]
    public async Task A_scope_opens_this_and_no_more(string scope, bool reads, bool writes, bool tracks, bool manages)
    {
        await using var server = await TestServer.StartAsync();
        using var ada = await server.SignInAsync("ada");
        using var program = server.WithToken(await MakeAsync(ada, scope));

        await IsOpenAsync(reads, HttpMethod.Get, "/api/v1/queues", null);
        await IsOpenAsync(writes, HttpMethod.Post, "/api/v1/queues", new { name = "q", group = 1 });
        await IsOpenAsync(tracks, HttpMethod.Post, "/api/v1/jobs/1/metrics", new { name = "m", value = 1 });
        await IsOpenAsync(manages, HttpMethod.Post, "/api/v1/workerTokens", new { group = 1 });
        await IsOpenAsync(false, HttpMethod.Post, "/api/v1/tokens", new { name = "t", scopes = new[] { "read" } });
        await IsOpenAsync(false, HttpMethod.Post, "/api/v1/auth/welcome", new { });
        await IsOpenAsync(false, HttpMethod.Get, "/account", null);

        async Task IsOpenAsync(bool open, HttpMethod method, string path, object? body)
        {
            using var request = new HttpRequestMessage(method, path)
            {
                Content = body is null ? null : System.Net.Http.Json.JsonContent.Create(body),
            };
            using var response = await program.SendAsync(request);
            Assert.True(open == (response.StatusCode != HttpStatusCode.Forbidden), $"{scope}: {path}");
        }
    }

    [Fact]
    public async Task A_token_of_one_group_sees_no_other_and_only_reads_what_is_public()
    {
        await using var server = await TestServer.StartAsync();
        using var ada = await server.SignInAsync("ada");
        var lab = await server.AddGroupAsync("lab", 1);
        var home = await server.AddGroupAsync("home", 1);
        using var program = server.WithToken(await MakeAsync(ada, "write", lab));

        await program.PostJsonAsync("/api/v1/queues", new { name = "q", group = lab });
        await program.PostJsonAsync("/api/v1/queues", new { name = "q", group = home }, HttpStatusCode.NotFound);
        await program.PostJsonAsync("/api/v1/queues", new { name = "q", group = 1 }, HttpStatusCode.Forbidden);
        Assert.NotEmpty((await program.GetJsonAsync("/api/v1/pluginParameterTypes"))["data"]!.AsArray());
        var user = await program.GetJsonAsync("/api/v1/users/current");
        Assert.Equal(["public", "lab"], user["groups"]!.AsArray().Select(g => g!["name"]!.GetValue<string>()));
        await ada.PostJsonAsync(
            "/api/v1/tokens",
            new
            {
                name = "t",
                scopes = new[] { "read" },
                groups = new[] { 77 },
            },
            HttpStatusCode.NotFound
        );
    }

    [Fact]
    public async Task An_expired_token_is_no_token()
    {
        await using var server = await TestServer.StartAsync();
        using var ada = await server.SignInAsync("ada");
        var made = await MakeAsync(ada, "read");
        using var program = server.WithToken(made);
        await server
            .App.Services.GetRequiredService<Stores>()
            .Core.WriteAsync(t => t.Execute("UPDATE api_token SET expires = @Now", new { t.Now }));

        await program.GetJsonAsync("/api/v1/queues", HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_new_password_ends_every_token()
    {
        await using var server = await TestServer.StartAsync();
        using var ada = await server.SignInAsync("ada");
        using var program = server.WithToken(await MakeAsync(ada, "read"));

        await ada.PostJsonAsync(
            "/api/v1/users/current/password",
            new
            {
                oldPassword = "correct horse ada",
                newPassword = "battery staple",
                confirmNewPassword = "battery staple",
            }
        );

        await program.GetJsonAsync("/api/v1/queues", HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("""{"name": "t"}""", "scopes")]
    [InlineData("""{"name": "t", "scopes": []}""", "scopes")]
    [InlineData("""{"name": "t", "scopes": ["everything"]}""", "scopes")]
    [InlineData("""{"name": "t", "scopes": ["read"], "groups": []}""", "groups")]
    [InlineData("""{"name": "t", "scopes": ["read"], "expiresInDays": 0}""", "expiresInDays")]
    [InlineData("""{"name": "t", "scopes": ["read"], "expiresInDays": 366}""", "expiresInDays")]
    [InlineData("""{"name": "t", "scopes": ["read"], "userId": 2}""", "userId")]
    public async Task What_is_wrong_with_a_request_for_a_token_is_told_by_field(string body, string field)
    {
        await using var server = await TestServer.StartAsync();
        using var ada = await server.SignInAsync("ada");

        var answer = await ada.PostJsonAsync("/api/v1/tokens", JsonNode.Parse(body), HttpStatusCode.BadRequest);

        Assert.Contains(field, answer["errors"]!.AsObject().Select(e => e.Key));
    }

    [Fact]
    public async Task The_last_use_is_written_beside_the_requests()
    {
        await using var server = await TestServer.StartAsync();
        using var ada = await server.SignInAsync("ada");
        using var program = server.WithToken(await MakeAsync(ada, "read"));
        Assert.Null(await UsedAsync());

        await program.GetJsonAsync("/api/v1/queues");

        string? first;
        while ((first = await UsedAsync()) is null)
        {
            await Task.Yield();
        }

        await program.GetJsonAsync("/api/v1/queues");
        Assert.Equal(first, await UsedAsync());

        async Task<string?> UsedAsync() =>
            (await ada.GetJsonAsync("/api/v1/tokens"))["data"]![0]!["usedOn"]?.GetValue<string>();
    }

    private static Task<JsonNode> MakeAsync(HttpClient client, string scope, params long[] groups) =>
        client.PostJsonAsync(
            "/api/v1/tokens",
            groups.Length == 0
                ? new { name = "t", scopes = new[] { scope } }
                : new
                {
                    name = "t",
                    scopes = new[] { scope },
                    groups,
                }
        );

    private static string Secret(JsonNode made) => made["token"]!.GetValue<string>();

    private static AuthenticationHeaderValue Basic(string name, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")));
}
