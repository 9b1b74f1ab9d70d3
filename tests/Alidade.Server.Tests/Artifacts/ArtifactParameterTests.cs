using System.Net;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Artifacts;

/// <summary>Artifacts as inputs of jobs: over the API and from the form.</summary>
public sealed class ArtifactParameterTests : IAsyncLifetime
{
    private static readonly object[] Outputs =
    [
        new { name = "net", parameterType = 2 },
        new { name = "score", parameterType = 1 },
    ];

    private TestServer _server = null!;
    private HttpClient _client = null!;
    private SampleJob _source = null!;
    private long _experiment;
    private long _entrypoint;
    private long _queue;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        _client = await _server.SignInAsync("ada");
        _source = await _server.NewJobAsync(_client);
        _queue = (await _client.PostJsonAsync("/api/v1/queues", new { name = "q", group = 1 })).Id();
        _entrypoint = (
            await _client.PostJsonAsync(
                "/api/v1/entrypoints",
                new
                {
                    name = "takes a model",
                    group = 1,
                    taskGraph = "",
                    queues = new[] { _queue },
                    artifactParameters = new[] { new { name = "model", outputParams = Outputs } },
                }
            )
        ).Id();
        _experiment = (
            await _client.PostJsonAsync(
                "/api/v1/experiments",
                new
                {
                    name = "e",
                    group = 1,
                    entrypoints = new[] { _entrypoint },
                }
            )
        ).Id();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_job_is_given_the_files_of_the_snapshot_it_names_and_the_plugin_that_loads_them()
    {
        var (artifact, handler) = await NewLoadableAsync("nets/net", "loader", 2, 1);
        var at = (await _client.GetJsonAsync($"/api/v1/artifacts/{artifact}"))["snapshot"]!.GetValue<long>();
        await _client.PutJsonAsync($"/api/v1/artifacts/{artifact}", new { description = "no task any more" });
        await _source.StoreAsync("nets/net", folder: true, ("w.bin", "overwritten"));

        var job = await SubmitAsync(new { model = new { id = artifact, snapshotId = at } }, HttpStatusCode.OK);
        var detail = await DetailAsync(job.Id());
        var given = await _client.GetJsonAsync($"/api/v1/jobs/{job.Id()}/artifactParameters");

        var file = JsonNode.Parse(detail.Inputs)!.AsArray().Single()!;
        Assert.Equal("model/net/w.bin", file["path"]!.GetValue<string>());
        Assert.Equal("weights".Length, file["size"]!.GetValue<int>());
        Assert.Contains("\"loader/main.py\"", detail.Plugins, StringComparison.Ordinal);
        Assert.Equal(at, job["artifactValues"]!["model"]!["snapshotId"]!.GetValue<long>());
        Assert.True(given["model"]!["is_dir"]!.GetValue<bool>());
        Assert.Equal(handler, given["model"]!["artifact_task"]!["plugin_id"]!.GetValue<long>());
        Assert.Equal("main.py", given["model"]!["artifact_task"]!["file_name"]!.GetValue<string>());
    }

    [Fact]
    public async Task Artifacts_stored_with_different_versions_of_a_plugin_are_each_loaded_by_their_own()
    {
        var handler = await _client.NewHandlerAsync("loader", 2, 1);
        var early = await NewArtifactAsync("early", handler.Snapshot, handler.Task);
        await _client.PostJsonAsync(
            $"/api/v1/plugins/{handler.Plugin}/files",
            new
            {
                filename = "more.py",
                contents = "",
                tasks = new { },
            }
        );
        var newer = (await _client.GetJsonAsync($"/api/v1/plugins/{handler.Plugin}"))["snapshot"]!.GetValue<long>();
        var late = await NewArtifactAsync("late", newer, handler.Task);
        var parameter = new { name = "model", outputParams = Outputs };
        await _client.PutJsonAsync(
            $"/api/v1/entrypoints/{_entrypoint}",
            new
            {
                name = "takes two",
                taskGraph = "",
                queues = new[] { _queue },
                artifactParameters = new[]
                {
                    parameter,
                    parameter with
                    {
                        name = "old",
                    },
                    parameter with
                    {
                        name = "same",
                    },
                },
            }
        );

        var job = await SubmitAsync(
            new
            {
                model = await PinAsync(late),
                old = await PinAsync(early),
                same = await PinAsync(late),
            },
            HttpStatusCode.OK
        );
        var detail = await DetailAsync(job.Id());

        Assert.Equal(
            ["loader/main.py", "loader/more.py", $"loader__{handler.Snapshot}/main.py"],
            JsonNode.Parse(detail.Plugins)!.AsArray().Select(f => f!["path"]!.GetValue<string>()).Order()
        );
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_with_the_reason()
    {
        var (fitting, _) = await NewLoadableAsync("a", "loader", 2, 1);
        var (reversed, _) = await NewLoadableAsync("b", "reversed", 1, 2);
        var (fewer, _) = await NewLoadableAsync("c", "fewer", 2);
        var bare = await _source.NewArtifactAsync("d.bin");

        async Task<string?> RefusedAsync(object values, HttpStatusCode status = HttpStatusCode.BadRequest) =>
            (await SubmitAsync(values, status))["error"]?.GetValue<string>();

        Assert.Equal("JobArtifactParameterMissingError", await RefusedAsync(new { }));
        Assert.Equal("ArtifactParameterTypeMismatchError", await RefusedAsync(await NewestAsync(reversed)));
        Assert.Equal("ArtifactParameterTypeMismatchError", await RefusedAsync(await NewestAsync(fewer)));
        Assert.Equal("ArtifactParameterTypeMismatchError", await RefusedAsync(await NewestAsync(bare)));
        Assert.Equal(
            "JobInvalidParameterNameError",
            await RefusedAsync(new { other = new { id = fitting, snapshotId = 1 } })
        );
        Assert.Equal(
            "EntityDoesNotExistError",
            await RefusedAsync(new { model = new { id = fitting, snapshotId = 1 } }, HttpStatusCode.NotFound)
        );
        Assert.Null(await RefusedAsync(new { model = new { id = fitting } }));
        Assert.Null(await RefusedAsync(new { model = "x" }));
        Assert.Null(await RefusedAsync(new[] { 1 }));
        var jobs = await _client.GetJsonAsync($"/api/v1/experiments/{_experiment}/jobs");
        Assert.Equal(0, jobs["totalNumResults"]!.GetValue<long>());
    }

    [Fact]
    public async Task The_form_offers_what_fits_and_submits_what_was_chosen()
    {
        var (fitting, _) = await NewLoadableAsync("fits", "loader", 2, 1);
        await NewLoadableAsync("other types", "reversed", 1, 2);
        var at = (await _client.GetJsonAsync($"/api/v1/artifacts/{fitting}"))["snapshot"]!.GetValue<long>();
        var path = $"/experiments/{_experiment}/submit?entrypoint={_entrypoint}";

        var page = await _client.GetStringAsync(path);
        using var refused = await PostAsync(path, "");
        using var nonsense = await PostAsync(path, "1.2.3");
        using var unknown = await PostAsync(path, $"{fitting}.1");
        using var submitted = await PostAsync(path, $"{fitting}.{at}");
        var job = long.Parse(submitted.Headers.Location!.ToString().Split('/')[^1], null);
        var given = await _client.GetJsonAsync($"/api/v1/jobs/{job}/artifactParameters");
        await _client.PutJsonAsync($"/api/v1/artifacts/{fitting}", new { description = "a newer snapshot" });
        var again = await _client.GetStringAsync($"{path}&from={job}");

        Assert.Contains($"value=\"{fitting}.{at}\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("other types", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains(
            "model needs an artifact. Choose one.",
            await refused.Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );
        Assert.Equal(HttpStatusCode.UnprocessableEntity, nonsense.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, submitted.StatusCode);
        Assert.Equal(fitting, given["model"]!["artifact_id"]!.GetValue<long>());
        Assert.Contains($"value=\"{fitting}.{at}\" selected", again, StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> PostAsync(string path, string artifact) =>
        _client.PostAsync(
            path,
            new FormUrlEncodedContent(
                new Dictionary<string, string>
                {
                    ["queue"] = $"{_queue}",
                    ["a.model"] = artifact,
                    ["timeout"] = "1h",
                }
            )
        );

    private Task<JsonNode> SubmitAsync(object artifactValues, HttpStatusCode status) =>
        _client.PostJsonAsync(
            $"/api/v1/experiments/{_experiment}/jobs",
            new
            {
                queue = _queue,
                entrypoint = _entrypoint,
                artifactValues,
            },
            status
        );

    private Task<JobDetail> DetailAsync(long id) =>
        _server
            .Service<Stores>()
            .Core.ReadAsync(s => s.First<JobDetail>("SELECT * FROM job_detail WHERE job = @id", new { id })!);

    private async Task<object> NewestAsync(long artifact) => new { model = await PinAsync(artifact) };

    private async Task<object> PinAsync(long artifact) =>
        new
        {
            id = artifact,
            snapshotId = (await _client.GetJsonAsync($"/api/v1/artifacts/{artifact}"))["snapshot"]!.GetValue<long>(),
        };

    /// <summary>A folder with a task that loads it.</summary>
    private async Task<(long Artifact, long Plugin)> NewLoadableAsync(string path, string plugin, params long[] types)
    {
        var handler = await _client.NewHandlerAsync(plugin, types);
        return (await NewArtifactAsync(path, handler.Snapshot, handler.Task), handler.Plugin);
    }

    private async Task<long> NewArtifactAsync(string path, long pluginSnapshotId, long taskId)
    {
        await _source.StoreAsync(path, folder: true, ("w.bin", "weights"));
        var artifact = await _client.PostJsonAsync(
            "/api/v1/artifacts",
            new
            {
                group = 1,
                job = _source.Id,
                artifactUri = _source.Uri(path),
                description = path,
                pluginSnapshotId,
                taskId,
            }
        );
        return artifact.Id();
    }
}
