using System.Net;
using Alidade.Server.Artifacts;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Alidade.Server.Tests.Definitions;

/// <summary>What people define before they run anything, over HTTP, alike on both databases.</summary>
public abstract class DefinitionCompliance(Dialect dialect) : IAsyncLifetime
{
    private TestServer _server = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(dialect);
        _client = await _server.SignInAsync("ada");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_change_is_a_snapshot_and_the_old_one_stays()
    {
        var queue = await _client.PostJsonAsync("/api/v1/queues", new { name = "cpu", group = 1 });
        var changed = await _client.PutJsonAsync(
            $"/api/v1/queues/{queue.Id()}",
            new { name = "gpu", description = "fast" }
        );

        var old = await _client.GetJsonAsync($"/api/v1/queues/{queue.Id()}/snapshots/{queue["snapshot"]}");
        var all = await _client.GetJsonAsync($"/api/v1/queues/{queue.Id()}/snapshots");

        Assert.Equal("cpu", old["name"]!.GetValue<string>());
        Assert.False(old["latestSnapshot"]!.GetValue<bool>());
        Assert.Null(old["hasDraft"]);
        Assert.True(changed["latestSnapshot"]!.GetValue<bool>());
        Assert.Equal(changed["createdOn"]!.ToString(), queue["createdOn"]!.ToString());
        Assert.Equal(2, all["totalNumResults"]!.GetValue<long>());
    }

    [Fact]
    public async Task Pages_follow_their_links_in_the_order_asked_for()
    {
        foreach (var name in new[] { "delta", "alpha", "charlie", "bravo" })
        {
            await _client.PostJsonAsync("/api/v1/experiments", new { name, group = 1 });
        }

        var names = new List<string>();
        for (var path = "/api/v1/experiments?pageLength=3&sortBy=name&descending=true"; path is not null; )
        {
            var page = await _client.GetJsonAsync(path);
            Assert.Equal(4, page["totalNumResults"]!.GetValue<long>());
            names.AddRange(page["data"]!.AsArray().Select(e => e!["name"]!.GetValue<string>()));
            path = page["next"]?.GetValue<string>();
        }

        Assert.Equal(["delta", "charlie", "bravo", "alpha"], names);
    }

    [Theory]
    [InlineData("name:alpha", "alpha")]
    [InlineData("name:AL*", "alpha")]
    [InlineData("100%", "")]
    [InlineData("'100%'", "beta")]
    [InlineData("description:'under_score*'", "alpha")]
    [InlineData("description:'underXscore*'", "")]
    [InlineData("tag:red", "beta")]
    [InlineData("tag:red,name:alpha", "")]
    [InlineData("eta", "beta")]
    public async Task Search_finds(string search, string expected)
    {
        await _client.PostJsonAsync(
            "/api/v1/queues",
            new
            {
                name = "alpha",
                description = "under_score d'oh",
                group = 1,
            }
        );
        var beta = await _client.PostJsonAsync(
            "/api/v1/queues",
            new
            {
                name = "beta",
                description = "is 100% done",
                group = 1,
            }
        );
        var tag = await _client.PostJsonAsync("/api/v1/tags", new { name = "Red", group = 1 });
        await _client.PostJsonAsync($"/api/v1/queues/{beta.Id()}/tags", new { ids = new[] { tag.Id() } });
        var path = "/api/v1/queues?search=" + Uri.EscapeDataString(search);

        if (search == "100%")
        {
            var refused = await _client.GetJsonAsync(path, HttpStatusCode.UnprocessableEntity);
            Assert.Contains("quotes", refused["detail"]!["reason"]!.GetValue<string>(), StringComparison.Ordinal);
            return;
        }

        var found = (await _client.GetJsonAsync(path))["data"]!.AsArray().Select(q => q!["name"]!.GetValue<string>());
        Assert.Equal(expected, string.Join(' ', found));
    }

    [Fact]
    public async Task An_entrypoint_keeps_the_plugin_it_was_made_with_until_it_is_synchronised()
    {
        var (plugin, file) = await NewPluginAsync("greet", "return 'hello'");
        var entrypoint = await _client.PostJsonAsync(
            "/api/v1/entrypoints",
            new
            {
                name = "greeting",
                group = 1,
                taskGraph = "one:\n  greet: []\n",
                plugins = new[] { plugin },
            }
        );
        await _client.PutJsonAsync(
            $"/api/v1/plugins/{plugin}/files/{file}",
            new
            {
                filename = "main.py",
                contents = "changed",
                tasks = new { },
            }
        );

        var before = (await _client.GetJsonAsync($"/api/v1/entrypoints/{entrypoint.Id()}"))["plugins"]![0]!;
        var after = (
            await _client.PostJsonAsync(
                $"/api/v1/entrypoints/{entrypoint.Id()}/plugins",
                new { plugins = new[] { plugin } }
            )
        )[0]!;
        var pinned = await _client.GetJsonAsync(before["files"]![0]!["url"]!.GetValue<string>());

        Assert.False(before["latestSnapshot"]!.GetValue<bool>());
        Assert.True(after["latestSnapshot"]!.GetValue<bool>());
        Assert.NotEqual(before["snapshotId"]!.GetValue<long>(), after["snapshotId"]!.GetValue<long>());
        Assert.Contains("return 'hello'", pinned["contents"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("greet", before["files"]![0]!["tasks"]!["functions"]![0]!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_is_deleted_leaves_lists_and_links_and_frees_its_name_but_stays_where_it_is_pinned()
    {
        var (plugin, _) = await NewPluginAsync("gone", "pass");
        var queue = await _client.PostJsonAsync("/api/v1/queues", new { name = "q", group = 1 });
        var entrypoint = await _client.PostJsonAsync(
            "/api/v1/entrypoints",
            new
            {
                name = "e",
                group = 1,
                taskGraph = "",
                plugins = new[] { plugin },
                queues = new[] { queue.Id() },
            }
        );
        await _client.DeleteJsonAsync($"/api/v1/plugins/{plugin}");
        await _client.DeleteJsonAsync($"/api/v1/queues/{queue.Id()}");

        var now = await _client.GetJsonAsync($"/api/v1/entrypoints/{entrypoint.Id()}");
        await _client.PostJsonAsync("/api/v1/queues", new { name = "q", group = 1 });
        await _client.GetJsonAsync($"/api/v1/plugins/{plugin}", HttpStatusCode.NotFound);

        Assert.Equal("gone", now["plugins"]![0]!["name"]!.GetValue<string>());
        Assert.Empty(now["queues"]!.AsArray());
    }

    [Fact]
    public async Task A_refused_change_leaves_nothing_behind()
    {
        var (plugin, file) = await NewPluginAsync("kept", "pass");
        var before = await _client.GetJsonAsync($"/api/v1/plugins/{plugin}");

        await _client.PostJsonAsync(
            $"/api/v1/plugins/{plugin}/files",
            new
            {
                filename = "other.py",
                contents = "",
                tasks = new { functions = new[] { Task("f", 99_999) } },
            },
            HttpStatusCode.NotFound
        );
        await _client.PostJsonAsync(
            $"/api/v1/plugins/{plugin}/files",
            new
            {
                filename = "main.py",
                contents = "",
                tasks = new { },
            },
            HttpStatusCode.Conflict
        );
        await _client.PostJsonAsync(
            "/api/v1/entrypoints",
            new
            {
                name = "half",
                group = 1,
                taskGraph = "",
                plugins = new[] { plugin, 99_999 },
            },
            HttpStatusCode.NotFound
        );

        var after = await _client.GetJsonAsync($"/api/v1/plugins/{plugin}");
        var entrypoints = await _client.GetJsonAsync("/api/v1/entrypoints");
        Assert.Equal(before.ToJsonString(), after.ToJsonString());
        Assert.Equal(0, entrypoints["totalNumResults"]!.GetValue<long>());
        Assert.Equal(file, after["files"]![0]!.Id());
    }

    [Fact]
    public async Task Two_who_take_one_name_at_once_get_one_of_it()
    {
        var answers = await System.Threading.Tasks.Task.WhenAll(
            Enumerable
                .Range(0, 12)
                .Select(_ =>
                    _client.PostAsync(
                        "/api/v1/queues",
                        JsonBody(new { name = "only", group = 1 }),
                        CancellationToken.None
                    )
                )
        );

        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.OK);
        Assert.Equal(11, answers.Count(a => a.StatusCode == HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Files_added_to_one_plugin_at_once_are_all_there()
    {
        var plugin = (await _client.PostJsonAsync("/api/v1/plugins", new { name = "busy", group = 1 })).Id();
        await System.Threading.Tasks.Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(i =>
                    _client.PostJsonAsync(
                        $"/api/v1/plugins/{plugin}/files",
                        new
                        {
                            filename = $"f{i}.py",
                            contents = "",
                            tasks = new { },
                        }
                    )
                )
        );

        var files = (await _client.GetJsonAsync($"/api/v1/plugins/{plugin}"))["files"]!.AsArray();
        Assert.Equal(4, files.Count);
    }

    [Fact]
    public async Task An_artifact_task_is_found_only_by_who_may_see_its_plugin()
    {
        var plugin = await _client.PostJsonAsync("/api/v1/plugins", new { name = "loader", group = 1 });
        var file = await _client.PostJsonAsync(
            $"/api/v1/plugins/{plugin.Id()}/files",
            new
            {
                filename = "main.py",
                contents = "",
                tasks = new { artifacts = new[] { new { name = "Load", outputParams = Array.Empty<object>() } } },
            }
        );
        var task = file["tasks"]!["artifacts"]![0]!.Id();
        var snapshot = (await _client.GetJsonAsync($"/api/v1/plugins/{plugin.Id()}"))["snapshot"]!.GetValue<long>();
        var member = new Caller(1, "ada", new Dictionary<long, Role> { [1] = Role.Reader });
        var stranger = new Caller(2, "eve", new Dictionary<long, Role> { [2] = Role.Admin });

        await Core.ReadAsync(s =>
        {
            Assert.Equal(plugin.Id(), ArtifactTasks.Find(s, member, snapshot, task)!.Plugin);
            return Assert.Throws<NotFoundException>(() => ArtifactTasks.Find(s, stranger, snapshot, task));
        });
    }

    private IStore Core => _server.App.Services.GetRequiredService<Stores>().Core;

    private static HttpContent JsonBody(object body) => System.Net.Http.Json.JsonContent.Create(body);

    private async Task<(long Plugin, long File)> NewPluginAsync(string name, string body)
    {
        var plugin = (await _client.PostJsonAsync("/api/v1/plugins", new { name, group = 1 })).Id();
        var file = await _client.PostJsonAsync(
            $"/api/v1/plugins/{plugin}/files",
            new
            {
                filename = "main.py",
                contents = $"def {name}():\n    {body}\n",
                tasks = new { functions = new[] { Task(name, 2) } },
            }
        );
        return (plugin, file.Id());
    }

    private static object Task(string name, long output) =>
        new
        {
            name,
            inputParams = Array.Empty<object>(),
            outputParams = new[] { new { name = "output", parameterType = output } },
        };
}

public sealed class SqliteDefinitionTests() : DefinitionCompliance(Dialect.Sqlite);

public sealed class PostgresDefinitionTests() : DefinitionCompliance(Dialect.Postgres);
