using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Imports;

/// <summary>What an import makes of a source, alike on both databases.</summary>
public abstract class ImportCompliance(Dialect dialect) : IAsyncLifetime
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
    public async Task Files_become_resources_that_fit_together()
    {
        var answer = await _client.ImportAsync(ImportCalls.Source());

        // Contents in the order of the paths' parts: dioptra.toml, entrypoints/…, plugins/….
        var contents = ImportCalls.Source().OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => f.Value);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(contents)));
        Assert.Equal("successfully imported", answer["message"]!.GetValue<string>());
        Assert.Equal(Convert.ToHexStringLower(hash), answer["hash"]!.GetValue<string>());

        var plugin = await _client.GetJsonAsync($"/api/v1/plugins/{Id(answer, "plugins", "hello")}");
        Assert.Equal("Says hello.", plugin["description"]!.GetValue<string>());
        Assert.Equal(
            ["sub/artifacts.py", "tasks.py", "__init__.py"],
            plugin["files"]!.AsArray().Select(f => f!["filename"]!.GetValue<string>())
        );
        var hello = plugin["files"]![1]!["tasks"]!["functions"]![0]!;
        Assert.Equal("message", hello["outputParams"]![0]!["parameterType"]!["name"]!.GetValue<string>());
        Assert.True(hello["inputParams"]![0]!["required"]!.GetValue<bool>());

        var type = await _client.GetJsonAsync(
            $"/api/v1/pluginParameterTypes/{Id(answer, "plugin_param_types", "message")}"
        );
        Assert.Equal("""{"list":"string"}""", type["structure"]!.ToJsonString());

        var entrypoint = await GetEntrypointAsync(answer);
        Assert.Equal(
            "zebra:  # first\n  hello:\n    name: $name\nant:\n  hello: [ \"no\" ]\n",
            entrypoint["taskGraph"]!.GetValue<string>()
        );
        Assert.Equal(
            "said:\n  contents: $zebra\n  task:\n    name: text\n",
            entrypoint["artifactGraph"]!.GetValue<string>()
        );
        Assert.Equal("3", entrypoint["parameters"]![1]!["defaultValue"]!.GetValue<string>());
        Assert.True(entrypoint["plugins"]![0]!["latestSnapshot"]!.GetValue<bool>());
        Assert.Equal("hello", entrypoint["artifactPlugins"]![0]!["name"]!.GetValue<string>());
        Assert.Equal("before", entrypoint["artifactParameters"]![0]!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_taken_name_fails_the_whole_import()
    {
        await _client.PostJsonAsync(
            "/api/v1/entrypoints",
            new
            {
                name = "Hello",
                group = 1,
                taskGraph = "",
            }
        );

        var answer = await _client.ImportAsync(ImportCalls.Source(), expected: HttpStatusCode.Conflict);

        Assert.Equal("EntityExistsError", answer.Error());
        Assert.Equal(0, await CountAsync("plugins"));
        Assert.Equal(6, await CountAsync("pluginParameterTypes"));
        Assert.Equal(1, await CountAsync("entrypoints"));
    }

    [Fact]
    public async Task A_plugins_lock_comes_with_it_and_a_list_without_digests_does_not()
    {
        const string Locked = "# preload: numpy\nnumpy==1.26.4 \\\n    --hash=sha256:00\n";
        var source = ImportCalls.Source();
        source["plugins/hello/requirements.txt"] = "numpy\n";
        var without = await FilesAsync(await _client.ImportAsync(source));
        source["plugins/hello/requirements.txt"] = Locked;
        var with = await FilesAsync(await _client.ImportAsync(source, "update"));

        Assert.DoesNotContain("requirements.txt", without.Keys);
        Assert.Equal(Locked, with["requirements.txt"]);

        // What was locked once is not in force any longer than its source says so.
        source["plugins/hello/requirements.txt"] = "# ours\nnumpy==1.26.4\n";
        var unlocked = await _client.ImportAsync(source, "update");
        Assert.DoesNotContain("requirements.txt", (await FilesAsync(unlocked)).Keys);
        Assert.Contains(
            Warnings(unlocked),
            w => w.Contains("\"numpy==1.26.4\" has no --hash", StringComparison.Ordinal)
        );
        source["plugins/hello/requirements.txt"] = Locked;
        await _client.ImportAsync(source, "update");
        source.Remove("plugins/hello/requirements.txt");
        var gone = await _client.ImportAsync(source, "update");
        Assert.Equal(
            ["tasks.py", "__init__.py", "sub/artifacts.py"],
            (await FilesAsync(gone)).Keys.OrderBy(name => name.Length)
        );
        Assert.Contains(Warnings(gone), w => w.Contains("it is removed from the plugin", StringComparison.Ordinal));
        var again = Warnings(await _client.ImportAsync(source, "update"));
        Assert.DoesNotContain(again, w => w.Contains("requirements.txt", StringComparison.Ordinal));

        async Task<Dictionary<string, string>> FilesAsync(JsonNode imported)
        {
            var plugin = Id(imported, "plugins", "hello");
            var page = await _client.GetJsonAsync($"/api/v1/plugins/{plugin}/files?pageLength=100");
            return page["data"]!
                .AsArray()
                .ToDictionary(f => f!["filename"]!.GetValue<string>(), f => f!["contents"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task What_will_not_run_is_imported_with_a_warning()
    {
        var source = ImportCalls.Source();
        source["plugins/hello/tasks.py"] = "def helo(name):\n    'hello'\n    return name\n";
        source["plugins/hello/sub/broken.py"] = "def f(:\n    pass\n";
        source["entrypoints/hello.yaml"] = "graph:\n  zebra:\n    helo: [ \"no\" ]\nartifact: {}\n";

        var warnings = Warnings(await _client.ImportAsync(source));

        Assert.Equal(4, warnings.Count);
        Assert.StartsWith("sub/broken.py of plugin hello is not Python. Line 1", warnings[0], StringComparison.Ordinal);
        Assert.Equal(
            "The task hello of plugin hello is said to be in tasks.py, where nothing has this name.",
            warnings[1]
        );
        Assert.Contains("4:1: The key \"artifact\" is not used (Did you mean \"artifacts\"?)", warnings[2]);
        Assert.StartsWith("Entrypoint Hello: taskGraph 2:3: In step \"zebra\"", warnings[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Types_are_built_as_they_should_be_wherever_they_come_from()
    {
        const string Types =
            "[[plugin_param_types]]\nname = \"pair\"\nstructure = { tuple = [\"score\", \"score\"] }\n"
            + "[[plugin_param_types]]\nname = \"score\"\nstructure = { is_a = \"number\" }\n";
        var right = await _client.ImportAsync(ImportCalls.Source(Types));
        var wrong = await _client.ImportAsync(
            ImportCalls.Source("[[plugin_param_types]]\nname = \"a\"\nstructure = { lst = \"number\" }\n"),
            expected: HttpStatusCode.BadRequest
        );
        var refused = await _client.PostJsonAsync(
            "/api/v1/pluginParameterTypes",
            new
            {
                group = 1,
                name = "b",
                structure = new { list = "scre" },
            },
            HttpStatusCode.BadRequest
        );

        Assert.Equal(2, right["resources"]!["plugin_param_types"]!.AsObject().Count);
        Assert.Contains("line 3: plugin_param_types[0].structure: a mapping is not", wrong.Reason());
        Assert.Equal(
            "there is no type \"scre\". Did you mean \"score\"?",
            refused["errors"]!["structure"]![0]!.GetValue<string>()
        );
    }

    [Theory]
    [InlineData("fail")]
    [InlineData("update")]
    [InlineData("overwrite")]
    public async Task What_fails_late_leaves_everything_as_it_was(string strategy)
    {
        var first = strategy == "fail" ? null : await _client.ImportAsync(ImportCalls.Source());
        var counts = (await CountAsync("plugins"), await CountAsync("pluginParameterTypes"));
        var wrong = ImportCalls.Config.Replace(
            "default_value = 3",
            "default_value = \"three\"",
            StringComparison.Ordinal
        );

        var source = ImportCalls.Source(wrong);
        source["plugins/hello/tasks.py"] = "def hello(name): return 'changed'\n";
        var answer = await _client.ImportAsync(source, strategy, HttpStatusCode.BadRequest);

        Assert.Equal("EntrypointParameterTypeMismatchError", answer.Error());
        Assert.Equal(counts, (await CountAsync("plugins"), await CountAsync("pluginParameterTypes")));
        if (first is not null)
        {
            var plugin = await _client.GetJsonAsync($"/api/v1/plugins/{Id(first, "plugins", "hello")}/snapshots");
            Assert.Equal(1, plugin["totalNumResults"]!.GetValue<long>());
            Assert.True((await GetEntrypointAsync(first))["plugins"]![0]!["latestSnapshot"]!.GetValue<bool>());
        }
    }

    [Fact]
    public async Task Update_keeps_ids_queues_and_what_says_the_same()
    {
        var first = await _client.ImportAsync(ImportCalls.Source());
        var queue = await _client.PostJsonAsync("/api/v1/queues", new { name = "cpu", group = 1 });
        var path = $"/api/v1/entrypoints/{Id(first, "entrypoints", "Hello")}";
        await _client.PostJsonAsync(path + "/queues", new { ids = new[] { queue.Id() } });

        var same = await _client.ImportAsync(ImportCalls.Source(), "update");
        Assert.Equal(first["resources"]!.ToJsonString(), same["resources"]!.ToJsonString());
        Assert.Equal(1, await SnapshotsAsync(first, "plugins", "hello"));
        Assert.Equal(1, await SnapshotsAsync(first, "entrypoints", "Hello"));

        var source = ImportCalls.Source();
        source["plugins/hello/tasks.py"] = "def hello(name): return 'new'\n";
        var changed = await _client.ImportAsync(source, "update");

        Assert.Equal(first["resources"]!.ToJsonString(), changed["resources"]!.ToJsonString());
        Assert.Equal(2, await SnapshotsAsync(first, "plugins", "hello"));
        Assert.Equal(2, await SnapshotsAsync(first, "entrypoints", "Hello"));
        Assert.Equal(1, await SnapshotsAsync(first, "pluginParameterTypes", "message", "plugin_param_types"));
        var entrypoint = await GetEntrypointAsync(first);
        Assert.Equal(queue.Id(), entrypoint["queues"]![0]!.Id());
        Assert.True(entrypoint["plugins"]![0]!["latestSnapshot"]!.GetValue<bool>());
        Assert.True(entrypoint["artifactPlugins"]![0]!["latestSnapshot"]!.GetValue<bool>());
        Assert.Single(entrypoint["plugins"]!.AsArray());
    }

    [Fact]
    public async Task Update_unpins_what_the_manifest_no_longer_names()
    {
        var first = await _client.ImportAsync(ImportCalls.Source());
        var config = ImportCalls
            .Config.Replace("\nartifact_plugins = [ \"hello\" ]", "", StringComparison.Ordinal)
            .Replace("\nplugins = [ \"hello\" ]", "", StringComparison.Ordinal);

        var answer = await _client.ImportAsync(ImportCalls.Source(config), "update");
        await _client.ImportAsync(ImportCalls.Source(config), "update");

        var entrypoint = await GetEntrypointAsync(first);
        Assert.Empty(entrypoint["plugins"]!.AsArray());
        Assert.Empty(entrypoint["artifactPlugins"]!.AsArray());
        Assert.Equal(2, await SnapshotsAsync(first, "entrypoints", "Hello"));
        Assert.Contains("Entrypoint Hello: plugins:", answer["warnings"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Update_moves_tasks_to_a_type_that_has_changed()
    {
        var first = await _client.ImportAsync(ImportCalls.Source());
        var config = ImportCalls.Config.Replace("list = \"string\"", "list = \"integer\"", StringComparison.Ordinal);

        await _client.ImportAsync(ImportCalls.Source(config), "update");

        Assert.Equal(2, await SnapshotsAsync(first, "pluginParameterTypes", "message", "plugin_param_types"));
        Assert.Equal(2, await SnapshotsAsync(first, "plugins", "hello"));
        Assert.Equal(2, await SnapshotsAsync(first, "entrypoints", "Hello"));
    }

    [Fact]
    public async Task Update_takes_over_what_others_made_by_hand()
    {
        var plugin = await _client.PostJsonAsync("/api/v1/plugins", new { name = "hello", group = 1 });
        await _client.PostJsonAsync(
            $"/api/v1/plugins/{plugin.Id()}/files",
            new
            {
                filename = "own.py",
                contents = "x = 1",
                tasks = new { },
            }
        );
        var entrypoint = await _client.PostJsonAsync(
            "/api/v1/entrypoints",
            new
            {
                name = "Hello",
                group = 1,
                taskGraph = "",
                description = "by hand",
            }
        );

        var answer = await _client.ImportAsync(ImportCalls.Source(), "update");

        Assert.Equal(plugin.Id(), Id(answer, "plugins", "hello"));
        Assert.Equal(entrypoint.Id(), Id(answer, "entrypoints", "Hello"));
        var files = (await _client.GetJsonAsync($"/api/v1/plugins/{plugin.Id()}"))["files"]!.AsArray();
        Assert.Equal(4, files.Count);
        Assert.Null((await GetEntrypointAsync(answer))["description"]);
    }

    [Fact]
    public async Task Overwrite_makes_everything_anew()
    {
        var first = await _client.ImportAsync(ImportCalls.Source());

        var second = await _client.ImportAsync(ImportCalls.Source(), "overwrite");

        Assert.NotEqual(Id(first, "plugins", "hello"), Id(second, "plugins", "hello"));
        Assert.Equal(1, await CountAsync("plugins"));
        Assert.Equal(1, await CountAsync("entrypoints"));
        Assert.Equal(7, await CountAsync("pluginParameterTypes"));
        await _client.GetJsonAsync($"/api/v1/plugins/{Id(first, "plugins", "hello")}", HttpStatusCode.NotFound);
        var pinned = (await GetEntrypointAsync(second))["plugins"]![0]!;
        Assert.Equal(Id(second, "plugins", "hello"), pinned.Id());
    }

    [Fact]
    public async Task An_archive_is_known_by_its_own_digest()
    {
        foreach (
            var archive in (byte[][])
                [
                    ImportCalls.Tar(ImportCalls.Source()),
                    ImportCalls.GZip(ImportCalls.Tar(ImportCalls.Source())),
                    ImportCalls.Zip(ImportCalls.Source()),
                    ImportCalls.Tar(
                        ImportCalls.Source().Select(f => KeyValuePair.Create("./" + f.Key, f.Value)),
                        new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.Directory, "./plugins/")
                    ),
                ]
        )
        {
            using var form = ImportCalls.Form("upload_archive", "overwrite");
            form.Add(new ByteArrayContent(archive), "archiveFile", "it");
            var answer = await _client.SendFormAsync(form, HttpStatusCode.OK);

            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(archive)), answer["hash"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task Only_those_who_may_change_a_group_import_into_it()
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("99"), "group" },
            { new StringContent("upload_archive"), "sourceType" },
            { new ByteArrayContent(ImportCalls.Tar(ImportCalls.Source())), "archiveFile", "it" },
        };
        await _client.SendFormAsync(form, HttpStatusCode.NotFound);

        using var stranger = _server.NewClient();
        await stranger.ImportAsync(ImportCalls.Source(), expected: HttpStatusCode.Unauthorized);
    }

    private async Task<JsonNode> GetEntrypointAsync(JsonNode answer) =>
        await _client.GetJsonAsync($"/api/v1/entrypoints/{Id(answer, "entrypoints", "Hello")}");

    private async Task<long> CountAsync(string collection) =>
        (await _client.GetJsonAsync($"/api/v1/{collection}"))["totalNumResults"]!.GetValue<long>();

    private async Task<long> SnapshotsAsync(JsonNode answer, string collection, string name, string? member = null)
    {
        var id = Id(answer, member ?? collection, name);
        return (await _client.GetJsonAsync($"/api/v1/{collection}/{id}/snapshots"))[
            "totalNumResults"
        ]!.GetValue<long>();
    }

    private static List<string> Warnings(JsonNode imported) =>
        [.. imported["warnings"]!.AsArray().Select(warning => warning!.GetValue<string>())];

    private static long Id(JsonNode answer, string kind, string name) =>
        answer["resources"]![kind]![name]!.GetValue<long>();
}

public sealed class SqliteImportTests() : ImportCompliance(Dialect.Sqlite);

public sealed class PostgresImportTests() : ImportCompliance(Dialect.Postgres);
