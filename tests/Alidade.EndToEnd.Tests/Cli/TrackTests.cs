using System.Text.Json.Nodes;
using Alidade.EndToEnd.Tests.Support;

namespace Alidade.EndToEnd.Tests.Cli;

/// <summary>Real commands, tracked by the real program.</summary>
public sealed class TrackTests
{
    /// <summary>Logs as MLflow's client does, with nothing but the standard library.</summary>
    private const string Script = """
        import json, os, sys, urllib.request
        def call(method, path, body=None):
            request = urllib.request.Request(os.environ["MLFLOW_TRACKING_URI"] + "/api/2.0/mlflow/" + path,
                None if body is None else json.dumps(body).encode(), {"Content-Type": "application/json",
                "Authorization": "Bearer " + os.environ["MLFLOW_TRACKING_TOKEN"]}, method=method)
            return json.load(urllib.request.urlopen(request, timeout=60))
        run = os.environ["MLFLOW_RUN_ID"]
        info = call("GET", "runs/get?run_id=" + run)["run"]["info"]
        assert info["experiment_id"] == os.environ["MLFLOW_EXPERIMENT_ID"]
        call("POST", "runs/log-metric", {"run_id": run, "key": "loss", "value": 0.5, "timestamp": 1, "step": 3})
        print("run", run, "user" in os.environ.get("MLFLOW_TRACKING_USERNAME", ""))
        print("to stderr", file=sys.stderr)
        sys.stdout.write("no end")
        sys.exit(7)
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_command_becomes_a_run_with_its_log_code_and_what_it_logs_itself()
    {
        using var folder = new TempFolder();
        await using var server = await LiveServer.StartAsync(folder.In("data"), Cancellation);
        await server.SignInAsync(folder.Path, Cancellation);
        var code = await RepositoryAsync(folder);
        await using var program = Track(
            Path.Combine(code, "below"),
            folder,
            ["--server", $"{server.Url}", "--experiment", "digits", "--name", "first", "-P", "rate=0.1"],
            "python3",
            "../train.py"
        );

        Assert.True(await program.EndAsync(Cancellation) == 7, program.Output);
        var run = await OnlyRunAsync(server);

        var lines = (await server.Client.Runs.LogAsync(run.Id, 0, cancellation: Cancellation)).Lines;
        Assert.Equal(
            [("stdout", "INFO", $"run {run.Id} False"), ("stdout", "INFO", "no end")],
            lines.Where(l => l.Stream == "stdout").Select(l => (l.Stream, l.Level, l.Message))
        );
        Assert.Contains(lines, l => (l.Stream, l.Level, l.Message) == ("stderr", "WARNING", "to stderr"));
        Assert.Contains("to stderr", program.Output, StringComparison.Ordinal);
        Assert.Contains("no end", program.Output, StringComparison.Ordinal);
        Assert.Equal(("first", "FAILED"), (run.Name, run.Status));
        Assert.Equal("0.1", run.Params["rate"]);
        Assert.Equal(0.5, run.Metrics["loss"]);
        Assert.Equal("7", run.Tags["alidade.exit"]);
        Assert.Equal("true", run.Tags["alidade.git.dirty"]);
        Assert.Equal("work", run.Tags["mlflow.source.git.branch"]);
        Assert.Equal("new.txt", run.Tags["alidade.git.untracked"]);
        Assert.Equal(40, run.Tags["mlflow.source.git.commit"].Length);
        Assert.Contains("+changed", await FileAsync(server, run, "alidade/git-diff.patch"), StringComparison.Ordinal);
        var surroundings = JsonNode.Parse(await FileAsync(server, run, "alidade/environment.json"))!;
        Assert.NotNull(surroundings["python"]!["packages"]);

        // The token that the command had is of no use any more, and nothing is left to send.
        Assert.Empty(await server.Client.Tokens.ListAsync(Cancellation));
        Assert.Empty(Directory.GetDirectories(folder.In("spool")));

        string[] within = [Path.Combine(AppContext.BaseDirectory, "alidade"), "track", "--spool", folder.In("inner")];
        string[] outer = ["--server", $"{server.Url}", "--name", "outer"];
        await using var nested = Track(folder.Path, folder, outer, [.. within, "--name", "inner", "--", "true"]);
        Assert.True(await nested.EndAsync(Cancellation) == 0, nested.Output);
        var runs = (await RunsAsync(server)).ToDictionary(r => r.Name);
        Assert.Equal(runs["outer"].Id, runs["inner"].Tags["mlflow.parentRunId"]);
        Assert.DoesNotContain("mlflow.parentRunId", runs["outer"].Tags);
    }

    [Fact]
    public async Task Without_a_server_everything_is_kept_and_sent_once()
    {
        using var folder = new TempFolder();
        await using var server = await LiveServer.StartAsync(folder.In("data"), Cancellation);
        await server.SignInAsync(folder.Path, Cancellation);
        await server.KillAsync();
        const string source = """
            import os, urllib.request
            home = urllib.request.url2pathname(os.environ["MLFLOW_TRACKING_URI"][len("file://"):])
            run = os.path.join(home, os.environ["MLFLOW_EXPERIMENT_ID"], os.environ["MLFLOW_RUN_ID"])
            open(os.path.join(run, "metrics", "loss"), "w").write("1 0.5 0\n2 nan 1\n3 0.2 2")
            open(os.path.join(run, "params", "rate"), "w").write("0.1")
            os.makedirs(os.path.join(run, "artifacts", "plots"))
            open(os.path.join(run, "artifacts", "plots", "a b.txt"), "w").write("drawn")
            print("offline")
            """;
        string[] server1 = ["--server", $"{server.Url}", "--experiment", "digits"];
        await using var program = Track(folder.Path, folder, server1, "python3", folder.Write("off.py", source));
        Assert.True(await program.EndAsync(Cancellation) == 0, program.Output);
        Assert.Contains("alidade track sync", program.Output, StringComparison.Ordinal);
        string[] nobody = ["--server", "http://127.0.0.1:9", "--experiment", "digits", "--offline"];
        await using var asked = Track(folder.Path, folder, nobody, "echo", "second");
        Assert.True(await asked.EndAsync(Cancellation) == 0, asked.Output);
        await using var early = Sync(folder);
        Assert.Equal(1, await early.EndAsync(Cancellation));
        Assert.Contains("is kept; to give it up, delete the folder", early.Output, StringComparison.Ordinal);

        // A sending that is cut off at any place is begun anew: here after one of the runs was sent as far as its log.
        var copy = folder.In("copy");
        await server.StartAgainAsync(Cancellation);
        await RunAsync(folder.Path, "cp", "-r", folder.In("spool"), copy);
        await using var first = Sync(folder, "--server", $"{server.Url}");
        Assert.True(await first.EndAsync(Cancellation) == 0, first.Output);
        await using var again = Sync(folder, "--server", $"{server.Url}", "--spool", copy);
        Assert.True(await again.EndAsync(Cancellation) == 0, again.Output);

        var runs = await RunsAsync(server);
        Assert.Equal(2, runs.Count);
        Assert.All(runs, r => Assert.Contains($"{r.Name} http", first.Output, StringComparison.Ordinal));
        Assert.All(runs, r => Assert.Equal(r.Name, r.Tags["mlflow.runName"]));
        var run = Assert.Single(runs, r => r.Metrics.Count > 0);
        Assert.Equal(("FINISHED", 0.2, "0.1"), (run.Status, run.Metrics["loss"], run.Params["rate"]));
        var history = await server.Client.Runs.TrackedAsync(
            $"metrics/get-history?run_id={run.Id}&metric_key=loss",
            Cancellation
        );
        Assert.Equal(3, history["metrics"]!.AsArray().Count);
        Assert.Equal("drawn", await FileAsync(server, run, "plots/a b.txt"));
        var lines = (await server.Client.Runs.LogAsync(run.Id, 0, cancellation: Cancellation)).Lines;
        Assert.Equal(["offline"], lines.Select(l => l.Message));
        Assert.Empty(Directory.GetDirectories(folder.In("spool")));
    }

    [Fact]
    public async Task Signals_and_lines_go_through_while_it_runs()
    {
        using var folder = new TempFolder();
        await using var server = await LiveServer.StartAsync(folder.In("data"), Cancellation);
        await server.SignInAsync(folder.Path, Cancellation);
        const string source = """
            import signal, sys, time
            signal.signal(signal.SIGUSR1, lambda *_: print("usr1"))
            def end(*_):
                print("asked to end")
                sys.exit(5)
            signal.signal(signal.SIGTERM, end)
            print("ready")
            while True:
                time.sleep(0.05)
            """;
        await using var program = Track(
            folder.Path,
            folder,
            ["--server", $"{server.Url}"],
            "python3",
            folder.Write("wait.py", source)
        );
        await program.HearAsync("ready", Cancellation);
        var run = await OnlyRunAsync(server);
        while ((await server.Client.Runs.LogAsync(run.Id, 0, cancellation: Cancellation)).Lines.Count == 0)
        {
            await Task.Delay(50, Cancellation);
        }

        Assert.Equal("RUNNING", run.Status);
        program.Signal(10);
        await program.HearAsync("usr1", Cancellation);
        program.Signal(RunningProgram.SigTerm);
        Assert.Equal(5, await program.EndAsync(Cancellation));
        await using var killed = Track(folder.Path, folder, ["--offline"], "sh", "-c", "kill -9 $$");
        Assert.Equal(128 + 9, await killed.EndAsync(Cancellation));
        await using var missing = Track(folder.Path, folder, ["--offline"], "no-such-program");
        Assert.Equal(127, await missing.EndAsync(Cancellation));
    }

    [Theory]
    [InlineData("--name is empty", "", "--name", "")]
    [InlineData("--name: a name has at most 250", "", "--name", "251")]
    [InlineData("--experiment: a name has at most 255", "", "--experiment", "256")]
    [InlineData("--wait: give a number", "", "--wait", "-1")]
    [InlineData("ALIDADE_TOKEN holds no token of a user", "alw_worker", "--experiment", "digits")]
    [InlineData("ALIDADE_TOKEN holds no token of a user", "Bearer alt_x", "--experiment", "digits")]
    public async Task What_can_never_be_recorded_is_refused_before_the_command_runs(
        string problem,
        string token,
        string option,
        string value
    )
    {
        using var folder = new TempFolder();
        var said = int.TryParse(value, out var length) && length > 0 ? new string('x', length) : value;
        await using var program = RunningProgram.Start(
            "env",
            [
                $"ALIDADE_TOKEN={token}",
                Path.Combine(AppContext.BaseDirectory, "alidade"),
                "track",
                "--spool",
                folder.In("spool"),
                option,
                said,
                "--",
                "echo",
                "it ran",
            ],
            folder.Path
        );

        Assert.Equal(1, await program.EndAsync(Cancellation));
        Assert.Contains(problem, program.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("it ran", program.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.In("spool")));
    }

    private static RunningProgram Track(string at, TempFolder folder, string[] flags, params string[] command) =>
        RunningProgram.Start(
            "env",
            [
                "-C",
                at,
                Path.Combine(AppContext.BaseDirectory, "alidade"),
                "track",
                "--spool",
                Path.GetRelativePath(at, folder.In("spool")),
                "--wait",
                "300",
                .. flags,
                "--",
                .. command,
            ],
            folder.Path
        );

    private static RunningProgram Sync(TempFolder folder, params string[] flags) =>
        RunningProgram.Alidade(
            folder.Path,
            ["track", "sync", .. flags.Contains("--spool") ? flags : [.. flags, "--spool", folder.In("spool")]]
        );

    private static async Task<string> RepositoryAsync(TempFolder folder)
    {
        var at = folder.In("code");
        Directory.CreateDirectory(at);
        File.WriteAllText(Path.Combine(at, "train.py"), Script);
        File.WriteAllText(Path.Combine(at, "notes.txt"), "as committed\n");
        await RunAsync(at, "git", "init", "-q", "-b", "work");
        await RunAsync(at, "git", "add", ".");
        await RunAsync(at, "git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "Begin");
        File.WriteAllText(Path.Combine(at, "notes.txt"), "changed\n");
        File.WriteAllText(Path.Combine(at, "new.txt"), "unknown to git\n");
        Directory.CreateDirectory(Path.Combine(at, "below"));
        return at;
    }

    private static async Task RunAsync(string at, string program, params string[] arguments)
    {
        await using var running = RunningProgram.Start(program, arguments, at);
        Assert.True(await running.EndAsync(Cancellation) == 0, running.Output);
    }

    private static async Task<TrackedRun> OnlyRunAsync(LiveServer server) => Assert.Single(await RunsAsync(server));

    private static async Task<IReadOnlyList<TrackedRun>> RunsAsync(LiveServer server)
    {
        var experiments = await server.Client.Runs.TrackedAsync("experiments/search?max_results=100", Cancellation);
        var ids = experiments["experiments"]!.AsArray().Select(e => e!["experiment_id"]!.ToString()).ToList();
        var found = await server.Client.Runs.TrackAsync("runs/search", new { experiment_ids = ids }, Cancellation);
        return [.. (found["runs"]?.AsArray() ?? []).Select(r => new TrackedRun(r!))];
    }

    private static async Task<string> FileAsync(LiveServer server, TrackedRun run, string path)
    {
        await using var stream = await server.Client.Runs.OpenFileAsync(run.Id, path, Cancellation);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Cancellation);
    }

    private sealed record TrackedRun(JsonNode Answer)
    {
        public string Id => Answer["info"]!["run_id"]!.ToString();

        public string Name => Answer["info"]!["run_name"]!.ToString();

        public string Status => Answer["info"]!["status"]!.ToString();

        public IReadOnlyDictionary<string, string> Tags => Texts("tags");

        public IReadOnlyDictionary<string, string> Params => Texts("params");

        public IReadOnlyDictionary<string, double> Metrics =>
            (Answer["data"]!["metrics"]?.AsArray() ?? []).ToDictionary(
                m => m!["key"]!.ToString(),
                m => m!["value"]!.GetValue<double>()
            );

        private Dictionary<string, string> Texts(string member) =>
            (Answer["data"]![member]?.AsArray() ?? []).ToDictionary(
                t => t!["key"]!.ToString(),
                t => t!["value"]!.ToString()
            );
    }
}
