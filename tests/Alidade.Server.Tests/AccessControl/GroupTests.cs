using System.Net;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.AccessControl;

/// <summary>Groups of people: made, shared, kept apart, and never without an admin.</summary>
public abstract class GroupCompliance(Dialect dialect) : IAsyncLifetime
{
    private TestServer _server = null!;
    private HttpClient _ada = null!;
    private HttpClient _bob = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(dialect);
        _ada = await _server.SignInAsync("ada");
        _bob = await _server.SignInAsync("bob");
    }

    public async ValueTask DisposeAsync()
    {
        _ada.Dispose();
        _bob.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_group_is_its_makers_until_others_are_let_in()
    {
        var lab = (await _bob.PostJsonAsync("/api/v1/groups", new { name = "lab" })).Id();
        await _ada.GetJsonAsync($"/api/v1/groups/{lab}", HttpStatusCode.NotFound);
        await _ada.PostJsonAsync("/api/v1/queues", new { name = "q", group = lab }, HttpStatusCode.NotFound);
        await _ada.PostJsonAsync("/api/v1/groups", new { name = "lab" }, HttpStatusCode.Conflict);

        var added = await _bob.PostJsonAsync($"/api/v1/groups/{lab}/members", new { user = 1, role = "reader" });

        Assert.False(added["permissions"]!["write"]!.GetValue<bool>());
        await _ada.PostJsonAsync("/api/v1/queues", new { name = "q", group = lab }, HttpStatusCode.Forbidden);
        await _ada.PutJsonAsync($"/api/v1/groups/{lab}", new { name = "mine" }, HttpStatusCode.Forbidden);
        await _bob.PutJsonAsync($"/api/v1/groups/{lab}/members/1", new { role = "contributor" });
        await _ada.PostJsonAsync("/api/v1/queues", new { name = "q", group = lab });
        await _bob.PutJsonAsync($"/api/v1/groups/{lab}", new { name = "laboratory" });
        Assert.Equal("laboratory", (await _ada.GetJsonAsync($"/api/v1/groups/{lab}"))["name"]!.GetValue<string>());
        await _ada.DeleteJsonAsync($"/api/v1/groups/{lab}/members/1");
        await _ada.GetJsonAsync($"/api/v1/groups/{lab}", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_group_keeps_an_admin()
    {
        var lab = (await _bob.PostJsonAsync("/api/v1/groups", new { name = "lab" })).Id();
        await _bob.PostJsonAsync($"/api/v1/groups/{lab}/members", new { user = 1, role = "contributor" });

        await RefusedAsync(_bob.DeleteJsonAsync($"/api/v1/groups/{lab}/members/2", HttpStatusCode.BadRequest));
        await RefusedAsync(
            _bob.PutJsonAsync($"/api/v1/groups/{lab}/members/2", new { role = "reader" }, HttpStatusCode.BadRequest)
        );
        await RefusedAsync(CloseAsync(_bob, "bob", HttpStatusCode.BadRequest));

        // Two admins who remove each other at the same moment: one stays.
        await _bob.PutJsonAsync($"/api/v1/groups/{lab}/members/1", new { role = "admin" });
        var both = await Task.WhenAll(StatusAsync(_ada, lab, 2), StatusAsync(_bob, lab, 1));
        Assert.Single(both, HttpStatusCode.OK);
        var visible = await StatusOfAsync(_ada, lab) ? _ada : _bob;
        var members = (await visible.GetJsonAsync($"/api/v1/groups/{lab}/members")).AsArray();
        Assert.Equal("admin", Assert.Single(members)!["role"]!.GetValue<string>());
    }

    [Fact]
    public async Task When_the_servers_admin_has_left_this_machine_makes_the_next()
    {
        await CloseAsync(_ada, "ada", HttpStatusCode.OK);
        await _bob.PutJsonAsync("/api/v1/groups/1/members/2", new { role = "admin" }, HttpStatusCode.Forbidden);

        using var cyd = await _server.SignInAsync("cyd");
        using var dan = await _server.SignInAsync("dan");

        var roles = (await dan.GetJsonAsync("/api/v1/groups/1/members"))
            .AsArray()
            .Select(m => m!["role"]!.GetValue<string>());
        Assert.Equal(["contributor", "admin", "contributor"], roles);
    }

    [Fact]
    public async Task Only_an_empty_group_can_be_deleted_and_the_public_one_never()
    {
        var lab = (await _bob.PostJsonAsync("/api/v1/groups", new { name = "lab" })).Id();
        var queue = (await _bob.PostJsonAsync("/api/v1/queues", new { name = "q", group = lab })).Id();
        await _bob.PostJsonAsync("/api/v1/tags", new { name = "t", group = lab });

        var refused = await _bob.DeleteJsonAsync($"/api/v1/groups/{lab}", HttpStatusCode.BadRequest);
        Assert.Equal("""{"queue":1,"tag":1}""", refused["detail"]!.ToJsonString());
        await _bob.DeleteJsonAsync($"/api/v1/queues/{queue}");
        await _bob.DeleteJsonAsync("/api/v1/tags/1");
        await _bob.DeleteJsonAsync($"/api/v1/groups/{lab}");
        await _bob.GetJsonAsync($"/api/v1/groups/{lab}", HttpStatusCode.NotFound);
        await _bob.PostJsonAsync("/api/v1/groups", new { name = "lab" });

        await _ada.DeleteJsonAsync("/api/v1/groups/1", HttpStatusCode.Forbidden);
        await _ada.PutJsonAsync("/api/v1/groups/1", new { name = "ours" }, HttpStatusCode.Forbidden);
        await _ada.DeleteJsonAsync("/api/v1/groups/1/members/2", HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task An_invitation_works_once_and_only_while_its_maker_may_invite()
    {
        var lab = (await _bob.PostJsonAsync("/api/v1/groups", new { name = "lab" })).Id();
        var withdrawn = await InviteAsync(_bob, lab, "reader");
        await _bob.DeleteJsonAsync($"/api/v1/groups/{lab}/invitations/{withdrawn.Id()}");
        await AcceptAsync(_ada, withdrawn, HttpStatusCode.BadRequest);

        var good = await InviteAsync(_bob, lab, "admin");
        var mine = await InviteAsync(_bob, lab, "contributor");
        await AcceptAsync(_ada, good, HttpStatusCode.OK);
        await AcceptAsync(_ada, good, HttpStatusCode.BadRequest);
        Assert.Single((await _ada.GetJsonAsync($"/api/v1/groups/{lab}/invitations")).AsArray());

        await _ada.DeleteJsonAsync($"/api/v1/groups/{lab}/members/2");
        await AcceptAsync(_bob, mine, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_resource_refers_to_its_own_group_and_what_is_public()
    {
        var lab = (await _bob.PostJsonAsync("/api/v1/groups", new { name = "lab" })).Id();
        var home = (await _bob.PostJsonAsync("/api/v1/groups", new { name = "home" })).Id();
        var shared = await MakeAsync("queues", 1, "shared");
        var own = await MakeAsync("queues", lab, "own");
        var other = await MakeAsync("queues", home, "other");
        var plugin = await MakeAsync("plugins", home, "plugin");
        var tag = await MakeAsync("tags", home, "tag");

        var entrypoint = (await EntrypointAsync("e", [own, shared], [], HttpStatusCode.OK)).Id();
        var refused = await EntrypointAsync("f", [own, other], [], HttpStatusCode.NotFound);
        Assert.Equal($"[{other}]", refused["detail"]!["ids_not_found"]!.ToJsonString());
        await EntrypointAsync("f", [], [plugin], HttpStatusCode.NotFound);
        foreach (var (path, id) in new[] { ("queues", other), ("plugins", plugin), ("tags", tag) })
        {
            var body = path == "plugins" ? (object)new { plugins = new[] { id } } : new { ids = new[] { id } };
            await _bob.PostJsonAsync($"/api/v1/entrypoints/{entrypoint}/{path}", body, HttpStatusCode.NotFound);
        }

        async Task<long> MakeAsync(string path, long group, string name) =>
            (await _bob.PostJsonAsync("/api/v1/" + path, new { name, group })).Id();

        Task<JsonNode> EntrypointAsync(string name, long[] queues, long[] plugins, HttpStatusCode expected) =>
            _bob.PostJsonAsync(
                "/api/v1/entrypoints",
                new
                {
                    name,
                    group = lab,
                    taskGraph = "",
                    queues,
                    plugins,
                },
                expected
            );
    }

    private static Task<JsonNode> InviteAsync(HttpClient client, long group, string role) =>
        client.PostJsonAsync($"/api/v1/groups/{group}/invitations", new { role });

    private static Task<JsonNode> AcceptAsync(HttpClient client, JsonNode invitation, HttpStatusCode expected) =>
        client.PostJsonAsync($"/api/v1/invitations/{invitation["code"]}/accept", null, expected);

    private static Task<JsonNode> CloseAsync(HttpClient client, string name, HttpStatusCode expected) =>
        client.SendAsync(
            HttpMethod.Delete,
            "/api/v1/users/current",
            new { password = "correct horse " + name },
            expected
        );

    private static async Task RefusedAsync(Task<JsonNode> call) =>
        Assert.Equal("GroupNeedsAManagerError", (await call)["error"]!.GetValue<string>());

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, long group, long member)
    {
        using var response = await client.DeleteAsync(
            new Uri($"/api/v1/groups/{group}/members/{member}", UriKind.Relative)
        );
        return response.StatusCode;
    }

    private static async Task<bool> StatusOfAsync(HttpClient client, long group)
    {
        using var response = await client.GetAsync(new Uri($"/api/v1/groups/{group}", UriKind.Relative));
        return response.IsSuccessStatusCode;
    }
}

public sealed class SqliteGroupTests() : GroupCompliance(Dialect.Sqlite);

public sealed class PostgresGroupTests() : GroupCompliance(Dialect.Postgres);
