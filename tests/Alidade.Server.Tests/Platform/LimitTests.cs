using System.Net;
using System.Text.Json.Nodes;
using Alidade.Server.Configuration;
using Alidade.Server.Tests.Artifacts;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Tests.Jobs;
using Alidade.Server.Tests.MLflow;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Platform;

/// <summary>Floods are stopped with a sentence that says how much there may be and what to do; nobody else is held up.</summary>
public abstract class LimitTests(Dialect dialect) : IAsyncLifetime
{
    /// <summary>Claims the job that waits, and returns what sends events of its attempt.</summary>
    private async Task<Func<IEnumerable<string>, Task>> BeganAsync()
    {
        var worker = await _world.WorkerAsync("w");
        var grant = Assert.Single(await QueueWorld.ClaimAsync(worker))!;
        var events = $"/api/v1/worker/attempts/{grant["attempt"]}/events?fence={grant["fence"]}";
        return async lines =>
        {
            using var body = new StringContent(string.Concat(lines.Select(line => line + "\n")));
            using var response = await worker.Client.PostAsync(new Uri(events, UriKind.Relative), body);
            response.EnsureSuccessStatusCode();
        };
    }

    private QueueWorld _world = null!;

    public async ValueTask InitializeAsync() =>
        _world = await QueueWorld.StartAsync(
            dialect,
            options =>
                options with
                {
                    Limits = new LimitOptions
                    {
                        MetricsOfRun = 3,
                        RecordsOfAttempt = 4,
                        UploadsOfUser = 2,
                    },
                }
        );

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_client_that_makes_up_metrics_is_refused_and_nothing_of_its_batch_is_kept()
    {
        var tracking = new TrackingClient(_world.User);
        var run = await tracking.RunAsync("0");
        await BatchAsync(run, ["a", "b"]);
        var refused = await BatchAsync(run, ["b", "c", "d"], "lr", expected: HttpStatusCode.BadRequest);
        Assert.Contains("a run has at most 3 different metrics. Use one name", refused["message"]!.GetValue<string>());
        Assert.Equal("a b", await LoggedAsync(tracking, run));
        await BatchAsync(run, ["a", "b", "c"], "lr");
        Assert.Equal("a b c lr tag", await LoggedAsync(tracking, run));

        var metrics = $"/api/v1/jobs/{await _world.SubmitAsync()}/metrics";
        foreach (var name in new[] { "x", "y", "z", "x" })
        {
            await _world.User.PostJsonAsync(metrics, new { name, value = 1 });
        }

        var another = await _world.User.PostJsonAsync(
            metrics,
            new { name = "w", value = 1 },
            HttpStatusCode.BadRequest
        );
        Assert.StartsWith("There is no room for 'w'", another["errors"]!["name"]![0]!.GetValue<string>());
        Assert.Equal(3, (await _world.User.GetJsonAsync(metrics)).AsArray().Count);
    }

    [Fact]
    public async Task What_a_model_has_no_room_for_its_run_does_not_keep_either()
    {
        var tracking = new TrackingClient(_world.User);
        var made = await tracking.PostAsync("logged-models", new { experiment_id = "0" });
        var model = made["model"]!["info"]!["model_id"]!.GetValue<string>();
        await BatchAsync(await tracking.RunAsync("0"), ["a", "b", "c"], model: model);
        var run = await tracking.RunAsync("0");

        await BatchAsync(run, ["c", "d"], "lr", model, HttpStatusCode.BadRequest);
        Assert.Equal("", await LoggedAsync(tracking, run));
        Assert.Equal(3, await MeasuredAsync());

        await BatchAsync(run, ["c"], "lr", model);
        Assert.Equal("c lr tag", await LoggedAsync(tracking, run));
        Assert.Equal(4, await MeasuredAsync());

        async Task<int> MeasuredAsync() =>
            (await tracking.GetAsync($"logged-models/{model}"))["model"]!["data"]!["metrics"]!.AsArray().Count;
    }

    [Fact]
    public async Task A_parameter_that_would_change_keeps_its_whole_batch_out()
    {
        var tracking = new TrackingClient(_world.User);
        var run = await tracking.RunAsync("0");
        await tracking.ParamAsync(run, "lr", "another");

        await BatchAsync(run, ["a"], "lr", expected: HttpStatusCode.BadRequest);

        Assert.Equal("lr", await LoggedAsync(tracking, run));
    }

    [Fact]
    public async Task A_job_that_makes_up_metrics_goes_on_and_its_log_says_once_what_was_dropped()
    {
        var job = await _world.SubmitAsync();
        var send = await BeganAsync();
        foreach (var from in new[] { 1, 6, 11 })
        {
            await send(
                Enumerable
                    .Range(from, 5)
                    .Select(n => $$"""{"n":{{n}},"t":{{n}},"k":"metric","name":"loss/{{n}}","value":1,"step":0}""")
            );
        }

        var names = (await _world.User.GetJsonAsync($"/api/v1/jobs/{job}/metrics")).AsArray();
        Assert.Equal(["loss/1", "loss/2", "loss/3"], names.Select(m => m!["name"]!.GetValue<string>()));
        var said = Assert.Single((await _world.User.GetJsonAsync($"/api/v1/jobs/{job}/lines"))["lines"]!.AsArray())!;
        Assert.Equal(("WARNING", "system"), (said["l"]!.GetValue<string>(), said["s"]!.GetValue<string>()));
        Assert.Contains("such as 'loss/4', are dropped", said["m"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_result_that_is_set_again_and_again_keeps_its_last_value()
    {
        var job = await _world.SubmitAsync();
        var send = await BeganAsync();
        foreach (var from in new[] { 1, 4, 11 })
        {
            await send(
                Enumerable
                    .Range(from, from == 1 ? 3 : 7)
                    .Select(n => $$"""{"n":{{n}},"t":{{n}},"k":"result","name":"loss","value":{{n}}}""")
            );
        }

        var result = Assert.Single((await _world.User.GetJsonAsync($"/api/v1/jobs/{job}/results")).AsArray())!;
        Assert.Equal(17, result["value"]!.GetValue<double>());
        Assert.Empty((await _world.User.GetJsonAsync($"/api/v1/jobs/{job}/lines"))["lines"]!.AsArray());
    }

    [Fact]
    public async Task A_job_that_makes_up_results_and_artifacts_goes_on_and_its_steps_are_still_told()
    {
        var job = await _world.SubmitAsync();
        var send = await BeganAsync();
        string[] first =
        [
            Event(1, """ "k":"step","step":"s","state":"running" """),
            Event(2, """ "k":"result","name":"a","value":1 """),
            Event(3, """ "k":"parameter","name":"p","value":"1" """),
        ];
        var artifact = $$""" "k":"artifact","name":"f","folder":true,"root":"outputs/000001","files":[] """;
        string[] second =
        [
            Event(4, """ "k":"tag","name":"t","value":"1" """),
            Event(5, """ "k":"result","name":"b","value":1 """),
            Event(6, artifact),
            Event(7, """ "k":"step","step":"s","state":"finished" """),
        ];
        await send(first);
        await send(second);
        await send([.. first, .. second]);
        await send([Event(8, """ "k":"result","name":"c","value":1 """)]);

        var step = await _world
            .Server.Service<Stores>()
            .Core.ReadAsync(r => r.First<string>("SELECT state FROM run_step WHERE name = 's'"));
        Assert.Equal(["a"], Names(await _world.User.GetJsonAsync($"/api/v1/jobs/{job}/results")));
        Assert.Empty((await _world.JobAsync(job))["artifacts"]!.AsArray());
        var said = Assert.Single((await _world.User.GetJsonAsync($"/api/v1/jobs/{job}/lines"))["lines"]!.AsArray())!;
        Assert.Contains("has recorded 4 results", said["m"]!.GetValue<string>());
        Assert.Equal("finished", step);

        static string Event(int number, string members) => $$"""{"n":{{number}},"t":{{number}},{{members}}}""";

        static string[] Names(JsonNode results) => [.. results.AsArray().Select(r => r!["name"]!.GetValue<string>())];
    }

    [Fact]
    public async Task A_user_has_few_uploads_open_and_others_have_their_own()
    {
        var run = await new TrackingClient(_world.User).RunAsync("0");
        var uploads = $"/api/v1/runs/{run}/uploads";
        var first = await BeginAsync(_world.User, "a");
        await BeginAsync(_world.User, "b");
        var refused = await BeginAsync(_world.User, "c", HttpStatusCode.TooManyRequests);
        Assert.Equal("TooManyUploadsError", refused["error"]!.GetValue<string>());
        Assert.Contains("2 uploads that are not complete", refused["message"]!.GetValue<string>());
        var parts = new { path = "d", num_parts = 1 };
        var mlflow = await _world.User.PostJsonAsync(
            $"/api/2.0/mlflow-artifacts/mpu/create/1/{run}/artifacts",
            parts,
            HttpStatusCode.TooManyRequests
        );
        Assert.Equal("REQUEST_LIMIT_EXCEEDED", mlflow["error_code"]!.GetValue<string>());

        using var bob = await _world.Server.SignInAsync("bob");
        await BeginAsync(bob, "c");
        await _world.User.PostJsonAsync($"{uploads}/{first["id"]}/complete", null);
        await BeginAsync(_world.User, "c");

        Task<JsonNode> BeginAsync(HttpClient user, string path, HttpStatusCode expected = HttpStatusCode.OK) =>
            user.PostJsonAsync(uploads, new { path, size = 0 }, expected);
    }

    /// <param name="parameter">Logged along, with a tag.</param>
    private Task<JsonNode> BatchAsync(
        string run,
        string[] names,
        string? parameter = null,
        string? model = null,
        HttpStatusCode expected = HttpStatusCode.OK
    )
    {
        string[] parameters = parameter is null ? [] : [parameter];
        return _world.User.PostJsonAsync(
            "/api/2.0/mlflow/runs/log-batch",
            new
            {
                run_id = run,
                metrics = names.Select(key => new
                {
                    key,
                    value = 1,
                    timestamp = 1,
                    step = 0,
                    model_id = model,
                }),
                @params = parameters.Select(key => new { key, value = "v" }),
                tags = parameters.Select(_ => new { key = "tag", value = "v" }),
            },
            expected
        );
    }

    /// <summary>Names of the metrics, the parameters and the tags that a client gave a run.</summary>
    private static async Task<string> LoggedAsync(TrackingClient tracking, string run)
    {
        var data = (await tracking.GetAsync($"runs/get?run_id={run}"))["run"]!["data"]!;
        return string.Join(' ', Keys("metrics").Concat(Keys("params")).Concat(Keys("tags")));

        IEnumerable<string> Keys(string kind) =>
            (data[kind]?.AsArray() ?? [])
                .Select(of => of!["key"]!.GetValue<string>())
                .Where(key => !key.StartsWith("mlflow.", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal);
    }
}

public sealed class SqliteLimitTests() : LimitTests(Dialect.Sqlite);

public sealed class PostgresLimitTests() : LimitTests(Dialect.Postgres);
