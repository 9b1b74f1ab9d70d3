using System.Net;
using Alidade.Server.Tests.Artifacts;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Models;

/// <summary>The registry over HTTP, alike on both databases.</summary>
public abstract class ModelCompliance(Dialect dialect) : IAsyncLifetime
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
    public async Task Versions_are_numbered_from_one_and_each_model_of_a_page_shows_its_own()
    {
        var job = await _server.NewJobAsync(_client);
        var (first, second) = (await job.NewArtifactAsync("a.bin"), await job.NewArtifactAsync("b.bin"));
        var (one, two, none) = (await NewModelAsync("one"), await NewModelAsync("two"), await NewModelAsync("none"));
        await NewVersionAsync(one, first, "early");
        await NewVersionAsync(two, second, "other");
        await NewVersionAsync(one, second, "late");

        var page = (await _client.GetJsonAsync("/api/v1/models?sortBy=name"))["data"]!.AsArray();
        var version = await _client.GetJsonAsync($"/api/v1/models/{one}/versions/2");
        var snapshots = await _client.GetJsonAsync($"/api/v1/models/{one}/snapshots");

        Assert.Equal(["none", "one", "two"], page.Select(m => m!["name"]!.GetValue<string>()));
        Assert.Null(page[0]!["latestVersion"]);
        Assert.Empty(page[0]!["versions"]!.AsArray());
        Assert.Equal(none, page[0]!.Id());
        Assert.Equal(
            [$"/api/v1/models/{one}/versions/1", $"/api/v1/models/{one}/versions/2"],
            page[1]!["versions"]!.AsArray().Select(v => v!["url"]!.GetValue<string>())
        );
        Assert.Equal(version.ToJsonString(), page[1]!["latestVersion"]!.ToJsonString());
        Assert.Equal("other", page[2]!["latestVersion"]!["description"]!.GetValue<string>());
        Assert.Equal(second, version["artifact"]!.Id());
        Assert.Equal($"models/{one}", version["model"]!["url"]!.GetValue<string>());
        Assert.Empty(snapshots["data"]![0]!["versions"]!.AsArray());
    }

    [Fact]
    public async Task A_version_stays_at_the_artifact_as_it_was_and_only_its_description_changes()
    {
        var job = await _server.NewJobAsync(_client);
        var artifact = await job.NewArtifactAsync("net.bin");
        var before = (await _client.GetJsonAsync($"/api/v1/artifacts/{artifact}"))["snapshot"]!.GetValue<long>();
        var model = await NewModelAsync("net");
        var made = await NewVersionAsync(model, artifact, "first");
        await _client.PutJsonAsync($"/api/v1/artifacts/{artifact}", new { description = "described anew" });

        var changed = await _client.PutJsonAsync($"/api/v1/models/{model}/versions/1", new { description = "best" });
        var bare = await _client.PutJsonAsync($"/api/v1/models/{model}/versions/1", new { });

        Assert.Equal(before, changed["artifactSnapshot"]!.GetValue<long>());
        Assert.Equal("best", changed["description"]!.GetValue<string>());
        Assert.Equal(made["createdOn"]!.ToString(), changed["createdOn"]!.ToString());
        Assert.Null(bare["description"]);
    }

    [Theory]
    [InlineData("description:*version*", "initial version|new version")]
    [InlineData("initial*", "initial version")]
    [InlineData("*", "initial version|new version|last")]
    [InlineData("tag:\"Foo\"", "")]
    public async Task Versions_are_searched_by_description_and_tag(string search, string expected)
    {
        var job = await _server.NewJobAsync(_client);
        var artifact = await job.NewArtifactAsync("net.bin");
        var (model, other) = (await NewModelAsync("net"), await NewModelAsync("other"));
        await NewVersionAsync(other, artifact, "version of another model");
        foreach (var description in new[] { "initial version", "new version", "last" })
        {
            await NewVersionAsync(model, artifact, description);
        }

        var path = $"/api/v1/models/{model}/versions?pageLength=2&search={Uri.EscapeDataString(search)}";
        var found = new List<string>();
        for (string? at = path; at is not null; )
        {
            var page = await _client.GetJsonAsync(at);
            found.AddRange(page["data"]!.AsArray().Select(v => v!["description"]!.GetValue<string>()));
            at = page["next"]?.GetValue<string>();
        }

        Assert.Equal(expected, string.Join('|', found));
    }

    [Fact]
    public async Task Versions_made_at_once_each_get_a_number()
    {
        var job = await _server.NewJobAsync(_client);
        var artifact = await job.NewArtifactAsync("net.bin");
        var model = await NewModelAsync("net");

        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => NewVersionAsync(model, artifact, $"v{i}")));

        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], made.Select(v => v["versionNumber"]!.GetValue<int>()).OrderBy(n => n));
    }

    [Fact]
    public async Task What_cannot_be_is_refused_and_leaves_nothing()
    {
        var job = await _server.NewJobAsync(_client);
        var artifact = await job.NewArtifactAsync("net.bin");
        var (model, gone) = (await NewModelAsync("net"), await NewModelAsync("gone"));
        await NewVersionAsync(gone, artifact, "buried");
        await _client.DeleteJsonAsync($"/api/v1/models/{gone}");

        await _client.PostJsonAsync("/api/v1/models", new { name = "net", group = 1 }, HttpStatusCode.Conflict);
        foreach (
            var (path, body, status) in new (string, object, HttpStatusCode)[]
            {
                ($"{model}/versions", new { artifact = 99_999 }, HttpStatusCode.NotFound),
                ($"{model}/versions", new { artifact = model }, HttpStatusCode.NotFound),
                ($"{model}/versions", new { description = "no artifact" }, HttpStatusCode.BadRequest),
                ($"{model}/versions", new { artifact, number = 7 }, HttpStatusCode.BadRequest),
                ($"{artifact}/versions", new { artifact }, HttpStatusCode.NotFound),
                ($"{gone}/versions", new { artifact }, HttpStatusCode.NotFound),
            }
        )
        {
            await _client.PostJsonAsync("/api/v1/models/" + path, body, status);
        }

        await _client.PutJsonAsync($"/api/v1/models/{model}/versions/1", new { }, HttpStatusCode.NotFound);
        var missing = await _client.GetJsonAsync($"/api/v1/models/{model}/versions/1", HttpStatusCode.NotFound);
        await _client.GetJsonAsync($"/api/v1/models/{gone}/versions/1", HttpStatusCode.NotFound);
        await _client.GetJsonAsync($"/api/v1/models/{gone}/versions", HttpStatusCode.NotFound);
        await _client.GetJsonAsync(
            $"/api/v1/models/{model}/versions?search=name:x",
            HttpStatusCode.UnprocessableEntity
        );
        var versions = await _client.GetJsonAsync($"/api/v1/models/{model}/versions");

        Assert.Equal("ml_model_version", missing["detail"]!["entity_type"]!.GetValue<string>());
        Assert.Equal(0, versions["totalNumResults"]!.GetValue<long>());
    }

    private async Task<long> NewModelAsync(string name) =>
        (await _client.PostJsonAsync("/api/v1/models", new { name, group = 1 })).Id();

    private Task<System.Text.Json.Nodes.JsonNode> NewVersionAsync(long model, long artifact, string description) =>
        _client.PostJsonAsync($"/api/v1/models/{model}/versions", new { artifact, description });
}

public sealed class SqliteModelTests() : ModelCompliance(Dialect.Sqlite);

public sealed class PostgresModelTests() : ModelCompliance(Dialect.Postgres);
