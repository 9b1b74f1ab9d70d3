using System.Net;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Drafts;

/// <summary>Drafts of every kind over HTTP, alike on both databases.</summary>
public abstract class DraftCompliance(Dialect dialect) : IAsyncLifetime
{
    private const string Commit = "/api/v1/workflows/draftCommit/";

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
        GC.SuppressFinalize(this);
    }

    public static TheoryData<string> Kinds() =>
        ["queues", "experiments", "entrypoints", "plugins", "files", "models", "pluginParameterTypes"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_draft_is_kept_as_sent_changed_listed_and_becomes_the_resource(string kind)
    {
        var (path, parent) = await PathAsync(kind);
        var draft = await _ada.PostJsonAsync($"{path}/drafts", Body(kind, "one", grouped: true));
        var other = await _ada.PostJsonAsync($"{path}/drafts/", Body(kind, "other", grouped: true));
        var changed = await _ada.PutJsonAsync($"{path}/drafts/{draft.Id()}", Body(kind, "two"));
        var first = await _ada.GetJsonAsync($"{path}/drafts?draftType=new&pageLength=1&search=x&sortBy=y");
        var next = await _ada.GetJsonAsync(first["next"]!.GetValue<string>());

        AssertSame(Body(kind, "one"), draft["payload"]!);
        AssertSame(Body(kind, "two"), changed["payload"]!);
        Assert.Null(draft["resource"]);
        Assert.Null(draft["resourceSnapshot"]);
        Assert.Empty(draft["metadata"]!.AsObject());
        Assert.Equal("ada", draft["user"]!["username"]!.GetValue<string>());
        Assert.Equal("public", draft["group"]!["name"]!.GetValue<string>());
        AssertSame(changed, await _ada.GetJsonAsync($"{path}/drafts/{draft.Id()}"));
        AssertSame(changed, first["data"]![0]!);
        AssertSame(other, next["data"]![0]!);
        Assert.Empty((await _ada.GetJsonAsync($"{path}/drafts?draftType=existing"))["data"]!.AsArray());
        Assert.Equal(0, (await _ada.GetJsonAsync(path + "?search=two"))["totalNumResults"]!.GetValue<long>());

        var ids = (await _ada.PostJsonAsync(Commit + draft.Id(), null))["id"]!.AsArray();
        var made = await _ada.GetJsonAsync($"{path}/{ids[^1]}");

        Assert.Equal(parent is { } plugin ? $"[{plugin},{made.Id()}]" : $"[{made.Id()}]", ids.ToJsonString());
        Assert.Equal(Name(kind, "two"), (made["name"] ?? made["filename"])!.GetValue<string>());
        Assert.False(made["hasDraft"]!.GetValue<bool>());
        await _ada.GetJsonAsync($"{path}/drafts/{draft.Id()}", HttpStatusCode.NotFound);
        await _ada.PostJsonAsync(Commit + draft.Id(), null, HttpStatusCode.NotFound);

        var deleted = await _ada.DeleteJsonAsync($"{path}/drafts/{other.Id()}");
        Assert.Equal($"[{other.Id()}]", deleted["id"]!.ToJsonString());
        Assert.Equal(0, (await _ada.GetJsonAsync($"{path}/drafts"))["totalNumResults"]!.GetValue<long>());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_change_is_drafted_refused_when_stale_rebased_and_published(string kind)
    {
        var (path, _) = await PathAsync(kind);
        var made = await _ada.PostJsonAsync(path, Body(kind, "one", grouped: true));
        var (it, edit) = ($"{path}/{made.Id()}", $"{path}/{made.Id()}/draft");

        var missing = await _ada.GetJsonAsync(edit, HttpStatusCode.NotFound);
        var draft = await _ada.PostJsonAsync(edit, Body(kind, "mine"));
        var twice = await _ada.PostJsonAsync(edit, Body(kind, "mine"), HttpStatusCode.BadRequest);
        await _bob.PostJsonAsync(edit, Body(kind, "his"));

        Assert.Equal("DraftDoesNotExistError", missing["error"]!.GetValue<string>());
        Assert.Equal("DraftAlreadyExistsError", twice["error"]!.GetValue<string>());
        Assert.Equal(made["snapshot"]!.GetValue<long>(), draft["resourceSnapshot"]!.GetValue<long>());
        Assert.Equal(1, (await _ada.GetJsonAsync(edit))["metadata"]!["num_other_drafts"]!.GetValue<long>());
        Assert.True((await _ada.GetJsonAsync(it))["hasDraft"]!.GetValue<bool>());
        Assert.True((await _ada.GetJsonAsync(path))["data"]!.AsArray()[^1]!["hasDraft"]!.GetValue<bool>());
        var listed = Assert.Single((await _ada.GetJsonAsync($"{path}/drafts?draftType=existing"))["data"]!.AsArray());
        Assert.Empty(listed!["metadata"]!.AsObject());

        var moved = await _ada.PutJsonAsync(it, Body(kind, "moved"));
        var old = await _ada.GetJsonAsync($"{it}/snapshots/{made["snapshot"]}");
        var stale = await _ada.PostJsonAsync(Commit + draft.Id(), null, HttpStatusCode.BadRequest);

        Assert.False(moved["hasDraft"]!.GetValue<bool>());
        Assert.Null(old["hasDraft"]);
        Assert.Equal("DraftResourceModificationsCommitError", stale["error"]!.GetValue<string>());
        var detail = stale["detail"]!;
        AssertSame(Body(kind, "mine"), detail["draft"]!);
        AssertSame(old, detail["base_snapshot"]!);
        AssertSame(await _ada.GetJsonAsync($"{it}/snapshots/{moved["snapshot"]}"), detail["curr_snapshot"]!);

        var (before, now) = (made["snapshot"]!.GetValue<long>(), moved["snapshot"]!.GetValue<long>());
        await RebaseAsync(now, HttpStatusCode.OK);
        var back = await RebaseAsync(before, HttpStatusCode.BadRequest);
        var foreign = await RebaseAsync(now + 1_000, HttpStatusCode.BadRequest);
        var ids = (await _ada.PostJsonAsync(Commit + draft.Id(), null))["id"]!.AsArray();

        Assert.Equal("InvalidDraftBaseResourceSnapshotError", back["error"]!.GetValue<string>());
        Assert.Equal("DraftSnapshotIdInvalidError", foreign["error"]!.GetValue<string>());
        Assert.Equal(made.Id(), ids[^1]!.GetValue<long>());
        var published = await _ada.GetJsonAsync(it);
        Assert.Equal(Name(kind, "merged"), (published["name"] ?? published["filename"])!.GetValue<string>());
        Assert.False(published["hasDraft"]!.GetValue<bool>());
        await _ada.GetJsonAsync(edit, HttpStatusCode.NotFound);
        Assert.True((await _bob.GetJsonAsync(it))["hasDraft"]!.GetValue<bool>());

        Task<JsonNode> RebaseAsync(long snapshot, HttpStatusCode expected) =>
            _ada.PutJsonAsync(edit, new { resourceSnapshot = snapshot, resourceData = Body(kind, "merged") }, expected);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Nobody_else_sees_deletes_or_publishes_a_draft(string kind)
    {
        var (path, _) = await PathAsync(kind);
        var made = await _ada.PostJsonAsync(path, Body(kind, "one", grouped: true));
        var fresh = await _ada.PostJsonAsync($"{path}/drafts", Body(kind, "fresh", grouped: true));
        var edit = await _ada.PostJsonAsync($"{path}/{made.Id()}/draft", Body(kind, "edit"));

        foreach (var id in new[] { fresh.Id(), edit.Id() })
        {
            await _bob.GetJsonAsync($"{path}/drafts/{id}", HttpStatusCode.NotFound);
            await _bob.PutJsonAsync($"{path}/drafts/{id}", Body(kind, "his"), HttpStatusCode.NotFound);
            await _bob.DeleteJsonAsync($"{path}/drafts/{id}", HttpStatusCode.NotFound);
            await _bob.PostJsonAsync(Commit + id, null, HttpStatusCode.NotFound);
        }

        await _bob.DeleteJsonAsync($"{path}/{made.Id()}/draft", HttpStatusCode.NotFound);
        Assert.Empty((await _bob.GetJsonAsync($"{path}/drafts"))["data"]!.AsArray());
        Assert.False((await _bob.GetJsonAsync($"{path}/{made.Id()}"))["hasDraft"]!.GetValue<bool>());
        AssertSame(Body(kind, "fresh"), (await _ada.GetJsonAsync($"{path}/drafts/{fresh.Id()}"))["payload"]!);

        var misplaced = kind == "queues" ? "models" : "queues";
        await _ada.GetJsonAsync($"/api/v1/{misplaced}/drafts/{fresh.Id()}", HttpStatusCode.NotFound);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_draft_goes_with_its_resource(string kind)
    {
        var (path, parent) = await PathAsync(kind);
        var made = await _ada.PostJsonAsync(path, Body(kind, "one", grouped: true));
        var edit = await _ada.PostJsonAsync($"{path}/{made.Id()}/draft", Body(kind, "edit"));
        var fresh = await _ada.PostJsonAsync($"{path}/drafts", Body(kind, "fresh", grouped: true));

        await _ada.DeleteJsonAsync($"{path}/{made.Id()}");

        await _ada.GetJsonAsync($"{path}/{made.Id()}/draft", HttpStatusCode.NotFound);
        await _ada.PostJsonAsync($"{path}/{made.Id()}/draft", Body(kind, "edit"), HttpStatusCode.NotFound);
        await _ada.GetJsonAsync($"{path}/drafts/{edit.Id()}", HttpStatusCode.NotFound);
        await _ada.PostJsonAsync(Commit + edit.Id(), null, HttpStatusCode.NotFound);
        await _ada.GetJsonAsync($"{path}/drafts/{fresh.Id()}");
        if (parent is { } plugin)
        {
            await _ada.DeleteJsonAsync($"/api/v1/plugins/{plugin}");
            await _ada.GetJsonAsync($"{path}/drafts/{fresh.Id()}", HttpStatusCode.NotFound);
            await _ada.PostJsonAsync(Commit + fresh.Id(), null, HttpStatusCode.NotFound);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_draft_is_checked_as_the_real_body_is(string kind)
    {
        var (path, parent) = await PathAsync(kind);
        var made = await _ada.PostJsonAsync(path, Body(kind, "one", grouped: true));
        var draft = await _ada.PostJsonAsync($"{path}/drafts", Body(kind, "fresh", grouped: true));
        var edit = $"{path}/{made.Id()}/draft";
        var unknown = Body(kind, "one");
        unknown["id"] = 5;
        var grouped = Body(kind, "one");
        grouped["group"] = 1;
        var named = kind == "files" ? "filename" : "name";

        await RefusedAsync(HttpMethod.Post, $"{path}/drafts", new { group = 1, description = 5 }, "description", named);
        await RefusedAsync(HttpMethod.Put, $"{path}/drafts/{draft.Id()}", unknown, "id");
        await RefusedAsync(HttpMethod.Put, $"{path}/drafts/{draft.Id()}", grouped, "group");
        await RefusedAsync(HttpMethod.Post, edit, grouped, "group");
        await _ada.PostJsonAsync(edit, Body(kind, "edit"));
        await RefusedAsync(HttpMethod.Put, edit, Body(kind, "edit"), "resourceSnapshot", "resourceData", named);
        await RefusedAsync(HttpMethod.Put, edit, new { resourceSnapshot = "x", resourceData = 1 }, "resourceData");
        await _ada.GetJsonAsync($"{path}/drafts?draftType=some", HttpStatusCode.BadRequest);
        await _ada.GetJsonAsync($"{path}/drafts?groupId=99", HttpStatusCode.NotFound);
        if (parent is null)
        {
            await RefusedAsync(HttpMethod.Post, $"{path}/drafts", Body(kind, "x"), "group");
            grouped["group"] = 99;
            await _ada.PostJsonAsync($"{path}/drafts", grouped, HttpStatusCode.NotFound);
        }

        async Task RefusedAsync(HttpMethod method, string at, object body, params string[] fields)
        {
            var answer = await _ada.SendAsync(method, at, body, HttpStatusCode.BadRequest);
            Assert.All(fields, field => Assert.NotNull(answer["errors"]![field]));
        }
    }

    [Fact]
    public async Task A_draft_that_cannot_be_published_stays_and_nothing_is_written()
    {
        await _ada.PostJsonAsync("/api/v1/queues", Body("queues", "taken", grouped: true));
        var draft = await _ada.PostJsonAsync("/api/v1/queues/drafts", Body("queues", "taken", grouped: true));
        var experiment = Body("experiments", "lost", grouped: true);
        experiment["entrypoints"] = new JsonArray(99);
        var dangling = await _ada.PostJsonAsync("/api/v1/experiments/drafts", experiment);

        await _ada.PostJsonAsync(Commit + draft.Id(), null, HttpStatusCode.Conflict);
        await _ada.PostJsonAsync(Commit + dangling.Id(), null, HttpStatusCode.NotFound);

        await _ada.GetJsonAsync($"/api/v1/queues/drafts/{draft.Id()}");
        await _ada.GetJsonAsync($"/api/v1/experiments/drafts/{dangling.Id()}");
        Assert.Equal(0, (await _ada.GetJsonAsync("/api/v1/experiments"))["totalNumResults"]!.GetValue<long>());
    }

    [Fact]
    public async Task A_change_of_a_resource_is_not_changed_as_if_it_were_a_new_one()
    {
        var queue = await _ada.PostJsonAsync("/api/v1/queues", Body("queues", "q", grouped: true));
        var edit = await _ada.PostJsonAsync($"/api/v1/queues/{queue.Id()}/draft", Body("queues", "edit"));

        var refused = await _ada.PutJsonAsync(
            $"/api/v1/queues/drafts/{edit.Id()}",
            Body("queues", "new"),
            HttpStatusCode.BadRequest
        );

        Assert.Equal("DraftModificationRequiredError", refused["error"]!.GetValue<string>());
        await _ada.DeleteJsonAsync($"/api/v1/queues/drafts/{edit.Id()}");
        await _ada.GetJsonAsync($"/api/v1/queues/{queue.Id()}/draft", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_built_in_type_cannot_be_drafted()
    {
        var refused = await _ada.PostJsonAsync(
            "/api/v1/pluginParameterTypes/1/draft",
            Body("pluginParameterTypes", "mine"),
            HttpStatusCode.Forbidden
        );

        Assert.Equal("ReadOnlyLockError", refused["error"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_draft_of_an_entrypoint_chooses_its_artifact_plugins_and_keeps_the_rest_pinned()
    {
        var plugins = new List<long>();
        foreach (var name in new[] { "kept", "dropped", "added", "run" })
        {
            plugins.Add((await _ada.PostJsonAsync("/api/v1/plugins", new { name, group = 1 })).Id());
        }

        var body = Body("entrypoints", "e", grouped: true);
        body["plugins"] = new JsonArray(plugins[3]);
        body["artifactPlugins"] = new JsonArray(plugins[0], plugins[1]);
        var draft = await _ada.PostJsonAsync("/api/v1/entrypoints/drafts", body);
        var id = (await _ada.PostJsonAsync(Commit + draft.Id(), null))["id"]![0]!;
        await _ada.PutJsonAsync($"/api/v1/plugins/{plugins[0]}", new { name = "kept", description = "newer" });

        var change = Body("entrypoints", "e");
        change["artifactPlugins"] = new JsonArray(plugins[2], plugins[0]);
        var edit = await _ada.PostJsonAsync($"/api/v1/entrypoints/{id}/draft", change);
        await _ada.PostJsonAsync(Commit + edit.Id(), null);

        var now = await _ada.GetJsonAsync($"/api/v1/entrypoints/{id}");
        Assert.Equal(["run"], now["plugins"]!.AsArray().Select(p => p!["name"]!.GetValue<string>()));
        Assert.Equal(
            [("kept", false), ("added", true)],
            now["artifactPlugins"]!
                .AsArray()
                .Select(p => (p!["name"]!.GetValue<string>(), p["latestSnapshot"]!.GetValue<bool>()))
        );
    }

    /// <summary>Where a kind lies, and the plugin above it where it is a file.</summary>
    private async Task<(string Path, long? Parent)> PathAsync(string kind)
    {
        if (kind != "files")
        {
            return ("/api/v1/" + kind, null);
        }

        var plugin = (await _ada.PostJsonAsync("/api/v1/plugins", new { name = "parent", group = 1 })).Id();
        return ($"/api/v1/plugins/{plugin}/files", plugin);
    }

    /// <summary>A whole body of a kind; the same is a change of it.</summary>
    private static JsonObject Body(string kind, string name, bool grouped = false)
    {
        var body = new JsonObject { ["description"] = null };
        if (grouped && kind != "files")
        {
            body["group"] = 1;
        }

        body[kind == "files" ? "filename" : "name"] = Name(kind, name);
        foreach (var (field, value) in More(kind))
        {
            body[field] = value;
        }

        return body;
    }

    private static string Name(string kind, string name) => kind == "files" ? name + ".py" : name;

    private static IEnumerable<(string Field, JsonNode Value)> More(string kind) =>
        kind switch
        {
            "experiments" => [("entrypoints", new JsonArray())],
            "entrypoints" =>
            [
                ("taskGraph", "step:\n  task: $p\n"),
                ("parameters", new JsonArray(new JsonObject { ["name"] = "p", ["parameterType"] = "string" })),
                ("queues", new JsonArray()),
            ],
            "files" => [("contents", "# é 😀 </script>\n"), ("tasks", new JsonObject())],
            "pluginParameterTypes" => [("structure", new JsonObject { ["list"] = "integer" })],
            _ => [],
        };

    private static void AssertSame(JsonNode expected, JsonNode actual) =>
        Assert.True(
            JsonNode.DeepEquals(expected, actual),
            $"Expected {expected.ToJsonString()}, got {actual.ToJsonString()}"
        );
}

public sealed class SqliteDraftTests() : DraftCompliance(Dialect.Sqlite);

public sealed class PostgresDraftTests() : DraftCompliance(Dialect.Postgres);
