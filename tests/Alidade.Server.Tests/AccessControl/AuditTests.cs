using System.Net;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Artifacts;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.AccessControl;

/// <summary>What is written down, for whom, and that it stays.</summary>
public sealed class AuditTests
{
    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task Admins_read_what_happened_in_their_groups_and_nobody_changes_it(Dialect dialect)
    {
        await using var server = await TestServer.StartAsync(dialect);
        using var ada = await server.SignInAsync("ada");
        using var bob = await server.SignInAsync("bob");
        var lab = (await bob.PostJsonAsync("/api/v1/groups", new { name = "lab" })).Id();
        var token = await bob.PostJsonAsync("/api/v1/tokens", new { name = "t", scopes = new[] { "write" } });
        using var program = server.WithToken(token);
        var queue = (await program.PostJsonAsync("/api/v1/queues", new { name = "q", group = lab })).Id();
        using var guest = server.NewClient();
        await guest.PostJsonAsync(
            "/api/v1/auth/login",
            new { username = "bob", password = "wrong" },
            HttpStatusCode.Unauthorized
        );

        var written = await OneAsync(bob, $"kind=queue&object={queue}");
        Assert.Equal(token.Id(), written["token"]!.GetValue<long>());
        Assert.Equal("bob", written["user"]!["username"]!.GetValue<string>());
        Assert.Equal(lab, written["group"]!.GetValue<long>());
        Assert.Empty(await EntriesAsync(ada, $"kind=queue&object={queue}"));
        Assert.Empty(await EntriesAsync(bob, "action=refuse_sign_in"));
        Assert.Equal(2, (await OneAsync(ada, "action=refuse_sign_in"))["object"]!.GetValue<long>());
        Assert.Empty(await EntriesAsync(bob, "since=2100-01-01T00:00:00Z"));
        foreach (var wrong in new[] { "since=yesterday", "object=x", "index=-1" })
        {
            await bob.GetJsonAsync("/api/v1/audit?" + wrong, HttpStatusCode.BadRequest);
        }

        await bob.GetJsonAsync("/api/v1/audit?groupId=1", HttpStatusCode.Forbidden);
        var core = server.Service<Stores>().Core;
        await Assert.ThrowsAnyAsync<Exception>(() => core.WriteAsync(t => t.Execute("DELETE FROM audit")));
        await Assert.ThrowsAnyAsync<Exception>(() => core.WriteAsync(t => t.Execute("UPDATE audit SET user_id = 1")));
        Assert.Single(await EntriesAsync(bob, $"kind=queue&object={queue}"));
    }

    [Fact]
    public async Task A_live_stream_ends_after_the_membership_that_opened_it()
    {
        await using var server = await TestServer.StartAsync();
        using var ada = await server.SignInAsync("ada");
        using var bob = await server.SignInAsync("bob");
        var lab = (await ada.PostJsonAsync("/api/v1/groups", new { name = "lab" })).Id();
        await ada.PostJsonAsync($"/api/v1/groups/{lab}/members", new { user = 2, role = "reader" });
        var job = await server.NewJobAsync(ada, lab);
        await using var stream = await bob.GetStreamAsync(
            new Uri($"/api/v1/live?topics=job/{job.Id}", UriKind.Relative)
        );

        await ada.DeleteJsonAsync($"/api/v1/groups/{lab}/members/2");

        // Ends by itself; if it did not, reading would wait for ever and the test with it.
        using var reader = new StreamReader(stream);
        Assert.Contains($"job/{job.Id}", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    private static async Task<JsonNode> OneAsync(HttpClient client, string query) =>
        Assert.Single(await EntriesAsync(client, query))!;

    private static async Task<JsonArray> EntriesAsync(HttpClient client, string query) =>
        (await client.GetJsonAsync("/api/v1/audit?" + query))["data"]!.AsArray();
}
