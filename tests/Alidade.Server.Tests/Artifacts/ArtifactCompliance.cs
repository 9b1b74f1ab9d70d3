using System.Net;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Artifacts;

/// <summary>Artifacts over HTTP, alike on both databases.</summary>
public abstract class ArtifactCompliance(Dialect dialect) : IAsyncLifetime
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
    public async Task Files_of_a_run_become_an_artifact_of_its_job_however_they_came_there()
    {
        var job = await _server.NewJobAsync(_client);
        await job.StoreAsync("one by one/a.txt", "aa");
        await job.StoreAsync("one by one/sub/b.txt", "bbb");
        await job.StoreAsync("net.bin", "net");

        var folder = await CreateAsync(job, job.Uri("one by one"), "from a client");
        var quoted = await CreateAsync(job, job.Uri("one%20by%20one/a.txt"));
        var file = await CreateAsync(job, job.Uri("net.bin"));
        await _client.PutJsonAsync($"/api/v1/artifacts/{file.Id()}", new { description = "anew" });
        var files = await _client.GetJsonAsync($"/api/v1/artifacts/{folder.Id()}/files");
        var seen = await _client.GetJsonAsync($"/api/v1/jobs/{job.Id}");

        Assert.True(folder["isDir"]!.GetValue<bool>());
        Assert.Null(folder["fileSize"]);
        Assert.Equal(2, quoted["fileSize"]!.GetValue<long>());
        Assert.Equal(3, file["fileSize"]!.GetValue<long>());
        Assert.Equal("{}", file["task"]!.ToJsonString());
        Assert.Equal(["a.txt", "sub/b.txt"], files.AsArray().Select(f => f!["relativePath"]!.GetValue<string>()));
        Assert.Equal(new[] { folder.Id(), quoted.Id(), file.Id() }, seen["artifacts"]!.AsArray().Select(a => a!.Id()));
    }

    [Fact]
    public async Task A_run_that_a_client_names_for_a_job_counts_as_its_own()
    {
        var (job, other) = (await _server.NewJobAsync(_client), await _server.NewJobAsync(_client));
        var run = Guid.NewGuid().ToString("N");
        var elsewhere = job with { Run = run };
        await elsewhere.StoreAsync("net.bin", "net");

        var before = await RefusedAsync(job, elsewhere.Uri("net.bin"));
        await _client.PostJsonAsync($"/api/v1/jobs/{job.Id}/mlflowRun", new { mlflowRunId = run });
        await CreateAsync(job, elsewhere.Uri("net.bin"));
        var wrong = await RefusedAsync(job, other.Uri("net.bin"));
        var missing = await RefusedAsync(job, elsewhere.Uri("nothing.bin"));

        Assert.Equal("JobMlflowRunNotSetError", before["error"]!.GetValue<string>());
        Assert.Equal("JobStoreError", wrong["error"]!.GetValue<string>());
        Assert.Equal("JobStoreError", missing["error"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_was_registered_stays_what_it_was()
    {
        var job = await _server.NewJobAsync(_client);
        var artifact = await job.NewArtifactAsync("net.bin", "first");
        await job.StoreAsync("net.bin", "second, and longer");

        var shown = await _client.GetJsonAsync($"/api/v1/artifacts/{artifact}");
        var content = await _client.GetStringAsync(shown["fileUrl"]!.GetValue<string>());
        var pinned = await _client.GetStringAsync(
            $"/api/v1/artifacts/{artifact}/snapshots/{shown["snapshot"]}/contents"
        );

        Assert.Equal("first", content);
        Assert.Equal("first", pinned);
        Assert.Equal(5, shown["fileSize"]!.GetValue<long>());
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("first"u8)),
            shown["digest"]!.GetValue<string>()
        );
    }

    [Fact]
    public async Task The_task_goes_with_a_change_and_is_dropped_by_one_without_it()
    {
        var job = await _server.NewJobAsync(_client);
        await job.StoreAsync("net.bin", "net");
        var handler = await _client.NewHandlerAsync("loader", 2, 1);
        var artifact = await CreateAsync(job, job.Uri("net.bin"), "with a task", handler.Snapshot, handler.Task);
        await _client.PostJsonAsync(
            $"/api/v1/plugins/{handler.Plugin}/files",
            new
            {
                filename = "other.py",
                contents = "",
                tasks = new { },
            }
        );
        var newer = (await _client.GetJsonAsync($"/api/v1/plugins/{handler.Plugin}"))["snapshot"]!.GetValue<long>();
        var other = await job.NewArtifactAsync("other.bin");
        await _client.PutJsonAsync(
            $"/api/v1/artifacts/{other}",
            new { pluginSnapshotId = newer, taskId = handler.Task }
        );

        var exact = await FoundAsync("outputParams=2,1");
        var reversed = await FoundAsync("outputParams=1,2");
        var both = (await _client.GetJsonAsync("/api/v1/artifacts"))["data"]!.AsArray();
        var dropped = await _client.PutJsonAsync($"/api/v1/artifacts/{artifact.Id()}", new { description = "bare" });
        var first = await _client.GetJsonAsync($"/api/v1/artifacts/{artifact.Id()}/snapshots/{artifact["snapshot"]}");

        Assert.Equal([artifact.Id(), other], exact);
        Assert.Empty(reversed);
        Assert.Equal(
            [handler.Snapshot, newer],
            both.Select(a => a!["task"]!["pluginResourceSnapshotId"]!.GetValue<long>())
        );
        Assert.Equal("{}", dropped["task"]!.ToJsonString());
        Assert.Equal(handler.Task, first["task"]!.Id());
        Assert.Equal([other], await FoundAsync("outputParams=2,1"));
    }

    [Fact]
    public async Task Lists_are_searched_and_sorted()
    {
        var (job, later) = (await _server.NewJobAsync(_client), await _server.NewJobAsync(_client));
        var late = await later.NewArtifactAsync("b.bin");
        var early = await job.NewArtifactAsync("c.bin");
        var last = await job.NewArtifactAsync("a.bin");
        var tag = await _client.PostJsonAsync("/api/v1/tags", new { name = "best", group = 1 });
        await _client.PostJsonAsync($"/api/v1/artifacts/{late}/tags", new { ids = new[] { tag.Id() } });

        Assert.Equal([late, early, last], await FoundAsync(""));
        Assert.Equal([early, last, late], await FoundAsync("sortBy=job"));
        Assert.Equal([early, late, last], await FoundAsync("sortBy=description&descending=true"));
        Assert.Equal([last, early, late], await FoundAsync("sortBy=createdOn&descending=true"));
        Assert.Equal([late], await FoundAsync("search=tag:best"));
        Assert.Equal([early], await FoundAsync("search=artifactUri:'*c.bin'"));
        Assert.Equal([last], await FoundAsync("search=description:'a.bin'"));
        Assert.Equal(2, (await FoundAsync("sortBy=uri&search=*" + job.Run + "*")).Count);
        await _client.GetJsonAsync("/api/v1/artifacts?sortBy=task", HttpStatusCode.BadRequest);
        await _client.GetJsonAsync("/api/v1/artifacts?outputParams=x", HttpStatusCode.BadRequest);
        await _client.GetJsonAsync("/api/v1/artifacts?search=name:x", HttpStatusCode.UnprocessableEntity);
    }

    [Theory]
    [InlineData("some/path", "URL is not absolute")]
    [InlineData("", "URL is not absolute")]
    [InlineData("/etc/passwd", "URL is not absolute")]
    [InlineData("javascript:alert(1)", "URL is not absolute")]
    [InlineData("gopher://host/x", "URL scheme 'gopher' is not supported")]
    [InlineData("mlflow-artifacts:/1/../2", "URL is not normalized")]
    [InlineData("mlflow-artifacts:/1/./2", "URL is not normalized")]
    [InlineData("s3://bucket/%2e%2E/x", "URL is not normalized")]
    [InlineData("file:///a\nb", "URL contains control characters")]
    public async Task An_address_must_be_absolute_and_normalised(string uri, string expected)
    {
        var answer = await _client.PostJsonAsync(
            "/api/v1/artifacts",
            new
            {
                group = 1,
                job = 1,
                artifactUri = uri,
            },
            HttpStatusCode.BadRequest
        );

        Assert.StartsWith(expected, answer["errors"]!["artifactUri"]![0]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_is_refused_and_leaves_nothing()
    {
        var job = await _server.NewJobAsync(_client);
        await job.StoreAsync("net.bin", "net");
        await job.StoreAsync("bad/../../evil", "evil");
        var handler = await _client.NewHandlerAsync("loader", 1);
        var uri = job.Uri("net.bin");
        using var eve = await _server.SignInAsync("eve");

        var half = await RefusedAsync(job, uri, pluginSnapshotId: handler.Snapshot);
        await RefusedAsync(job, uri, handler.Snapshot, 99_999, HttpStatusCode.NotFound);
        await RefusedAsync(job, uri, handler.Snapshot, handler.Function, HttpStatusCode.NotFound);
        await RefusedAsync(job with { Id = 99_999 }, uri, status: HttpStatusCode.NotFound);
        await RefusedAsync(job with { Group = 99_999 }, uri, status: HttpStatusCode.NotFound);
        await RefusedAsync(job, job.Uri("bad"));
        Assert.Empty(await FoundAsync(""));
        var made = await CreateAsync(job, uri);
        var twice = await RefusedAsync(job, uri, status: HttpStatusCode.Conflict);
        var mine = await eve.GetJsonAsync($"/api/v1/artifacts/{made.Id()}");
        await _client.GetJsonAsync($"/api/v1/artifacts/{job.Id}", HttpStatusCode.NotFound);
        await _client.GetJsonAsync($"/api/v1/artifacts/{made.Id()}/snapshots/1", HttpStatusCode.NotFound);

        Assert.Equal("DioptraError", half["error"]!.GetValue<string>());
        Assert.Equal(uri, twice["detail"]!["entity_attributes"]!["uri"]!.GetValue<string>());
        Assert.Equal(made.Id(), mine.Id());
        Assert.Equal([made.Id()], await FoundAsync(""));
    }

    private async Task<List<long>> FoundAsync(string query) =>
        [.. (await _client.GetJsonAsync("/api/v1/artifacts?" + query))["data"]!.AsArray().Select(a => a!.Id())];

    private Task<JsonNode> CreateAsync(
        SampleJob job,
        string uri,
        string? description = null,
        long? pluginSnapshotId = null,
        long? taskId = null
    ) => PostAsync(job, uri, description, pluginSnapshotId, taskId, HttpStatusCode.OK);

    private Task<JsonNode> RefusedAsync(
        SampleJob job,
        string uri,
        long? pluginSnapshotId = null,
        long? taskId = null,
        HttpStatusCode status = HttpStatusCode.BadRequest
    ) => PostAsync(job, uri, null, pluginSnapshotId, taskId, status);

    private Task<JsonNode> PostAsync(
        SampleJob job,
        string artifactUri,
        string? description,
        long? pluginSnapshotId,
        long? taskId,
        HttpStatusCode status
    ) =>
        _client.PostJsonAsync(
            "/api/v1/artifacts/",
            new
            {
                group = job.Group,
                job = job.Id,
                artifactUri,
                description,
                pluginSnapshotId,
                taskId,
            },
            status
        );
}

public sealed class SqliteArtifactTests() : ArtifactCompliance(Dialect.Sqlite);

public sealed class PostgresArtifactTests() : ArtifactCompliance(Dialect.Postgres);
