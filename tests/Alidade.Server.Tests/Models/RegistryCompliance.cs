using System.Net;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Artifacts;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Tests.MLflow;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Models;

/// <summary>Aliases, gates and lineage of models, alike on both databases.</summary>
public abstract class RegistryCompliance(Dialect dialect) : IAsyncLifetime
{
    private TestServer _server = null!;
    private HttpClient _client = null!;
    private TrackingClient _tracking = null!;
    private SampleJob _job = null!;
    private long _artifact;
    private long _model;

    private string Aliases => $"/api/v1/models/{_model}/aliases";

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(dialect);
        _client = await _server.SignInAsync("ada");
        _tracking = new TrackingClient(_client);
        _job = await _server.NewJobAsync(_client);
        _artifact = await _job.NewArtifactAsync("net.bin");
        _model = (await _client.PostJsonAsync("/api/v1/models", new { name = "net", group = 1 })).Id();
        await NewVersionAsync(_artifact);
        await NewVersionAsync(await _job.NewArtifactAsync("other.bin"));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task An_alias_moves_in_one_step_and_remembers_where_it_was()
    {
        await _client.PutJsonAsync($"{Aliases}/best", new { version = 1, expected = 0 });
        await _client.PutJsonAsync($"{Aliases}/best", new { version = 1 });
        await _client.PutJsonAsync($"{Aliases}/best", new { version = 2, expected = 2 }, HttpStatusCode.Conflict);
        var races = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => MoveAsync(expected: 1, version: 2)));
        await _tracking.PostAsync(
            "registered-models/alias",
            new
            {
                name = "net",
                alias = "best",
                version = "1",
            }
        );
        await _client.DeleteJsonAsync($"{Aliases}/best");
        foreach (var wrong in new[] { "latest", "V3", "a b", "ü!" })
        {
            await _client.PutJsonAsync(
                $"{Aliases}/{Uri.EscapeDataString(wrong)}",
                new { version = 1 },
                HttpStatusCode.BadRequest
            );
        }

        await _client.PutJsonAsync($"{Aliases}/best", new { version = 9 }, HttpStatusCode.NotFound);
        var history = (await _client.GetJsonAsync($"{Aliases}/best/history")).AsArray();

        Assert.Equal(1, races.Count(status => status == HttpStatusCode.OK));
        Assert.Equal(["1>", "2>1", "1>2", ">1"], history.Select(m => $"{m!["from"]}>{m["to"]}"));
        Assert.All(history, m => Assert.Equal("ada", m!["user"]!.ToString()));
        Assert.Empty((await _client.GetJsonAsync(Aliases)).AsArray());
    }

    [Fact]
    public async Task A_gate_is_shut_until_the_evaluations_it_demands_have_finished()
    {
        var job = await UseAsync(_artifact, "robustness");
        var demanded = new { evaluations = new[] { "robustness", "fairness" } };
        await _client.PutJsonAsync($"{Aliases}/Production/gate", demanded);
        using var member = await _server.SignInAsync("bea");
        await member.PutJsonAsync(
            $"{Aliases}/Production/gate",
            new { evaluations = Array.Empty<string>() },
            HttpStatusCode.Forbidden
        );

        var both = await RefusedAsync();
        await FinishAsync(job);
        var one = await RefusedAsync();
        var run = await _tracking.RunAsync("0");
        await TagAsync(run, "alidade.evaluation", "fairness");
        await TagAsync(run, "alidade.model_version", "net/1");
        var running = await RefusedAsync();
        var stage = await _tracking.RefusedAsync(
            "model-versions/transition-stage",
            new
            {
                name = "net",
                version = "1",
                stage = "production",
                archive_existing_versions = false,
            }
        );
        var alias = await _tracking.RefusedAsync(
            "registered-models/alias",
            new
            {
                name = "net",
                alias = "Production",
                version = "1",
            }
        );
        await _tracking.PostAsync("runs/update", new { run_id = run, status = "FINISHED" });
        await _client.PutJsonAsync($"{Aliases}/Production", new { version = 1 });
        var other = await _client.PutJsonAsync($"{Aliases}/Production", new { version = 2 }, HttpStatusCode.BadRequest);
        await _client.PutJsonAsync($"{Aliases}/PRODUCTION", new { version = 2 }, HttpStatusCode.BadRequest);
        await _tracking.PostAsync("registered-models/rename", new { name = "net", new_name = "renamed" });
        await _client.PutJsonAsync($"{Aliases}/production", new { version = 1 });
        await _client.DeleteJsonAsync($"{Aliases}/production");
        await AnotherNetAsync();
        await _client.PutJsonAsync($"{Aliases}/production", new { version = 2 }, HttpStatusCode.BadRequest);

        // A model that has the name now, and is evaluated: that says nothing of the one that had it.
        async Task AnotherNetAsync()
        {
            await _tracking.PostAsync("registered-models/create", new { name = "net" });
            foreach (var evaluation in new[] { "robustness", "fairness" })
            {
                var evaluated = await _tracking.RunAsync("0");
                await TagAsync(evaluated, "alidade.evaluation", evaluation);
                await TagAsync(evaluated, "alidade.model_version", "net/2");
                await _tracking.PostAsync("runs/update", new { run_id = evaluated, status = "FINISHED" });
            }
        }

        Assert.Contains("missing: robustness, fairness.", both, StringComparison.Ordinal);
        Assert.Contains("missing: fairness.", one, StringComparison.Ordinal);
        Assert.Contains("missing: fairness.", running, StringComparison.Ordinal);
        Assert.Contains("missing: fairness.", stage, StringComparison.Ordinal);
        Assert.Contains("missing: fairness.", alias, StringComparison.Ordinal);
        Assert.Contains("missing: robustness, fairness.", other["message"]!.ToString(), StringComparison.Ordinal);
        var shown = (await _client.GetJsonAsync(Aliases))[0]!;
        Assert.Equal(1, shown["versionNumber"]!.GetValue<int>());
        Assert.Equal(2, shown["evaluations"]!.AsArray().Count);
    }

    [Fact]
    public async Task An_evaluation_of_an_earlier_model_of_the_name_opens_no_gate()
    {
        await EvaluateAsync();
        await _tracking.PostAsync("registered-models/create", new { name = "later" });
        await _tracking.PostAsync("model-versions/create", new { name = "later", source = "s3://bucket/later" });
        var model = (await _client.GetJsonAsync("/api/v1/models?search=name:later"))["data"]![0]!.Id();
        var gate = new { evaluations = new[] { "fairness" } };
        await _client.PutJsonAsync($"/api/v1/models/{model}/aliases/staging/gate", gate);
        var moves = new[]
        {
            (
                "registered-models/alias",
                (object)
                    new
                    {
                        name = "later",
                        alias = "staging",
                        version = "1",
                    }
            ),
            (
                "model-versions/transition-stage",
                new
                {
                    name = "later",
                    version = "1",
                    stage = "Staging",
                    archive_existing_versions = false,
                }
            ),
        };

        foreach (var (path, move) in moves)
        {
            Assert.Contains("missing: fairness.", await _tracking.RefusedAsync(path, move), StringComparison.Ordinal);
        }

        // A job that was submitted before the version was there, and waited for it.
        var waited = await RunOfAsync(await UseAsync(_artifact, "after"));
        await _tracking.PostAsync("model-versions/create", new { name = "later", source = "s3://bucket/second" });
        await TagAsync(waited, "alidade.evaluation", "fairness");
        await TagAsync(waited, "alidade.model_version", "later/2");
        await EndAsync(waited, startedBefore: true);
        var second = new { version = 2 };
        await _client.PutJsonAsync($"/api/v1/models/{model}/aliases/staging", second, HttpStatusCode.BadRequest);
        await EndAsync(waited, startedBefore: false);
        await _client.PutJsonAsync($"/api/v1/models/{model}/aliases/staging", second);

        await EvaluateAsync();
        foreach (var (path, move) in moves)
        {
            await _tracking.PostAsync(path, move);
        }

        Task<int> EndAsync(string run, bool startedBefore) =>
            _server
                .Service<Stores>()
                .Core.WriteAsync(t =>
                    t.Execute(
                        "UPDATE run SET status = 'FINISHED', started = @Started WHERE id = @run",
                        new { Started = startedBefore ? 1 : t.Now, run }
                    )
                );

        async Task EvaluateAsync()
        {
            var run = await _tracking.RunAsync("0");
            await TagAsync(run, "alidade.evaluation", "fairness");
            await TagAsync(run, "alidade.model_version", "later/1");
            await _tracking.PostAsync("runs/update", new { run_id = run, status = "FINISHED" });
        }
    }

    [Fact]
    public async Task Pages_go_on_where_they_ended_although_their_last_row_was_renamed()
    {
        foreach (var name in (string[])["p0", "p1", "p2", "p3"])
        {
            await _tracking.PostAsync("registered-models/create", new { name });
            await _tracking.ExperimentAsync(name);
        }

        var models = await _tracking.GetAsync("registered-models/search?max_results=2&filter=name+LIKE+'p%25'");
        var experiments = await ExperimentsAsync(null);
        await _tracking.PostAsync("registered-models/rename", new { name = "p1", new_name = "pz" });
        var last = experiments["experiments"]![1]!["experiment_id"];
        await _tracking.PostAsync("experiments/update", new { experiment_id = last, new_name = "pz" });
        var token = Uri.EscapeDataString(models["next_page_token"]!.ToString());
        var more = await _tracking.GetAsync(
            $"registered-models/search?max_results=2&filter=name+LIKE+'p%25'&page_token={token}"
        );
        var rest = await ExperimentsAsync(experiments["next_page_token"]);

        Assert.Equal("p0 p1", Names(models["registered_models"]!));
        Assert.Equal("p2 p3", Names(more["registered_models"]!));
        Assert.Equal("p0 p1", Names(experiments["experiments"]!));
        Assert.Equal("p2 p3", Names(rest["experiments"]!));

        static string Names(JsonNode rows) => string.Join(' ', rows.AsArray().Select(r => r!["name"]));

        Task<JsonNode> ExperimentsAsync(JsonNode? after) =>
            _tracking.PostAsync(
                "experiments/search",
                new
                {
                    filter = "name LIKE 'p%'",
                    order_by = new[] { "name" },
                    max_results = 2,
                    page_token = after?.ToString(),
                }
            );
    }

    [Fact]
    public async Task Lineage_goes_from_data_to_the_job_to_the_version_to_those_who_used_it()
    {
        var data = await _job.NewArtifactAsync("data.csv");
        var maker = await UseAsync(data, "train");
        await _server
            .Service<Stores>()
            .Core.WriteAsync(t =>
                t.Execute(
                    "UPDATE model_version SET run = (SELECT run FROM job_detail WHERE job = @maker) WHERE number = 1",
                    new { maker }
                )
            );
        await _tracking.PostAsync(
            "runs/log-inputs",
            new
            {
                run_id = await RunOfAsync(maker),
                datasets = new[]
                {
                    new
                    {
                        dataset = new
                        {
                            name = "digits",
                            digest = "abc",
                            source_type = "http",
                            source = "http://example.org/digits",
                        },
                    },
                },
            }
        );
        var user = await UseAsync(_artifact, "robustness");
        var run = await _tracking.RunAsync("0", "by hand");
        await TagAsync(run, "alidade.model_version", "net/1");

        var lineage = await _client.GetJsonAsync($"/api/v1/models/{_model}/versions/1/lineage");
        using var stranger = await _server.SignInAsync("eve");

        Assert.Equal(
            ["artifact data.csv", "dataset digits"],
            lineage["data"]!.AsArray().Select(d => $"{d!["kind"]} {d["name"]}")
        );
        Assert.Equal($"job {maker} train", Shown(lineage["madeBy"]!));
        Assert.Equal([$"job {user} robustness", $"run {run} "], lineage["usedBy"]!.AsArray().Select(u => Shown(u!)));
        Assert.Equal(64, lineage["version"]!["digest"]!.ToString().Length);
        await _client.GetJsonAsync($"/api/v1/models/{_model}/versions/9/lineage", HttpStatusCode.NotFound);

        static string Shown(JsonNode step) => $"{step["kind"]} {step["id"]} {step["evaluation"]}";
    }

    private async Task<HttpStatusCode> MoveAsync(long expected, long version)
    {
        using var answer = await _client.PutAsync(
            $"{Aliases}/best",
            System.Net.Http.Json.JsonContent.Create(new { version, expected })
        );
        return answer.StatusCode;
    }

    private async Task<string> RefusedAsync() =>
        (await _client.PutJsonAsync($"{Aliases}/Production", new { version = 1 }, HttpStatusCode.BadRequest))[
            "message"
        ]!.ToString();

    /// <summary>A job of an entrypoint of this name that reads the artifact.</summary>
    private async Task<long> UseAsync(long artifact, string entrypoint)
    {
        var queue = (await _client.PostJsonAsync("/api/v1/queues", new { name = entrypoint, group = 1 })).Id();
        var handler = await _client.NewHandlerAsync("loader_" + entrypoint, 1);
        await _client.PutJsonAsync(
            $"/api/v1/artifacts/{artifact}",
            new { pluginSnapshotId = handler.Snapshot, taskId = handler.Task }
        );
        var made = await _client.PostJsonAsync(
            "/api/v1/entrypoints",
            new
            {
                name = entrypoint,
                group = 1,
                taskGraph = "",
                queues = new[] { queue },
                artifactParameters = new[]
                {
                    new { name = "model", outputParams = new[] { new { name = "net", parameterType = 1 } } },
                },
            }
        );
        var experiment = await _client.PostJsonAsync(
            "/api/v1/experiments",
            new
            {
                name = entrypoint,
                group = 1,
                entrypoints = new[] { made.Id() },
            }
        );
        var snapshot = (await _client.GetJsonAsync($"/api/v1/artifacts/{artifact}"))["snapshot"]!.GetValue<long>();
        var job = await _client.PostJsonAsync(
            $"/api/v1/experiments/{experiment.Id()}/jobs",
            new
            {
                queue,
                entrypoint = made.Id(),
                artifactValues = new { model = new { id = artifact, snapshotId = snapshot } },
            }
        );
        return job.Id();
    }

    private Task<int> FinishAsync(long job) =>
        _server
            .Service<Stores>()
            .Core.WriteAsync(t => t.Execute("UPDATE job SET state = 'finished' WHERE id = @job", new { job }));

    private Task<string> RunOfAsync(long job) =>
        _server
            .Service<Stores>()
            .Core.ReadAsync(s => s.Scalar<string>("SELECT run FROM job_detail WHERE job = @job", new { job }));

    private Task TagAsync(string run, string key, string value) =>
        _tracking.PostAsync(
            "runs/set-tag",
            new
            {
                run_id = run,
                key,
                value,
            }
        );

    private Task<JsonNode> NewVersionAsync(long artifact) =>
        _client.PostJsonAsync($"/api/v1/models/{_model}/versions", new { artifact });
}

public sealed class SqliteRegistryTests() : RegistryCompliance(Dialect.Sqlite);

public sealed class PostgresRegistryTests() : RegistryCompliance(Dialect.Postgres);
