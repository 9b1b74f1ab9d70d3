using Alidade.Engine.Protocol;
using Alidade.Worker.Tests.Fakes;

namespace Alidade.Worker.Tests;

/// <summary>A job's way through a whole agent, with the real template and supervisor.</summary>
public sealed class AgentTests
{
    private const string Hello = """
        def main():
            print("hello from the job")
        """;

    [Fact]
    public async Task A_job_runs_and_leaves_nothing_behind()
    {
        await using var agent = await RunningAgent.StartAsync();
        var attempt = await agent.RunAsync(Hello);
        Assert.Equal(("finished", null), (attempt.End!.Outcome, attempt.End.Reason));
        Assert.Equal(["hello from the job"], attempt.Lines("stdout"));
        Assert.Equal("start", attempt.Events[0].GetProperty("k").GetString());
        Assert.Equal(attempt.End.LastEvent, attempt.Events.Count);
        agent.Drain();
        await agent.Ended;
        Assert.True(agent.Server.HasLeft);
        Assert.Empty(Directory.GetDirectories(Path.Combine(agent.Data, "attempts")));
    }

    [Fact]
    public async Task Many_jobs_on_few_slots_all_finish_and_never_more_run_than_there_are_slots()
    {
        await using var agent = await RunningAgent.StartAsync();
        var attempts = Enumerable.Range(0, 60).Select(_ => agent.Server.Submit(Hello)).ToList();
        await agent.UntilAsync(() => attempts.All(attempt => attempt.End is not null));
        Assert.All(attempts, attempt => Assert.Equal("finished", attempt.End!.Outcome));
        Assert.All(attempts, attempt => Assert.Equal(["hello from the job"], attempt.Lines("stdout")));
        Assert.Equal(2, agent.Server.MostOwned);
    }

    [Theory]
    [InlineData("pass", true)]
    [InlineData("open('left.txt', 'w').close()", false)]
    [InlineData("os.mkdir(f'{plugins}/numpy')", true)]
    [InlineData("open(f'{plugins}/plug/left.py', 'w').close()", true)]
    [InlineData("os.remove(__file__); os.symlink('/dev/null', __file__)", false)]
    [InlineData("os.chmod(__file__, 0)", false)]
    [InlineData("os.chmod('.', 0)", false)]
    public async Task A_job_finds_nothing_of_the_one_before_it(string act, bool isKept)
    {
        await using var agent = await RunningAgent.StartAsync(
            options: (server, data) => AgentProcess.Options(server, data, best: "L0")
        );
        const string folder = "import os\nplugins = os.path.abspath('../plugins')\ndef main():\n    ";
        Assert.Equal("finished", (await agent.RunAsync(folder + act)).End!.Outcome);
        await agent.UntilAsync(() => !Directory.EnumerateDirectories(Path.Combine(agent.Data, "attempts")).Any());
        var spare = Path.Combine(agent.Data, "spare");
        Assert.Equal(isKept, Directory.Exists(spare) && Directory.EnumerateDirectories(spare).Any());
        var next = await agent.RunAsync(
            folder + "print(*sorted(os.path.join(p, n) for p, d, f in os.walk('..') for n in d + f if '.new' not in n))"
        );
        Assert.Equal(
            "../attempt.json ../events ../events/000001.ndjson ../inputs ../outputs ../plan.json ../plugins "
                + "../plugins/plug ../plugins/plug/tasks.py ../supervisor.json ../tmp ../work",
            Assert.Single(next.Lines("stdout"))
        );
    }

    [Fact]
    public async Task A_sandboxed_job_gets_folders_of_its_own_in_what_is_left_of_another_attempt()
    {
        await using var agent = await RunningAgent.StartAsync();
        const string job = """
            import os
            places = ("/job/work", "/job/outputs", "/tmp")
            def main():
                print(*[(oct(os.stat(p).st_mode & 0o777), os.stat(p).st_mtime > 9) for p in places], os.listdir("/job/inputs"))
                for place in places:
                    os.chmod(place, 0o770)
                    os.utime(place, (1, 1))
            """;
        // A checkout below /tmp is shown to jobs there, so that their /tmp is not empty and the folder is not kept.
        var isShownInTmp = AgentProcess.Package.StartsWith("/tmp/", StringComparison.Ordinal);
        var said = new HashSet<string>();
        for (var run = 0; run < 4; run++)
        {
            var attempt = await agent.RunAsync(job);
            Assert.Equal("finished", attempt.End!.Outcome);
            said.Add(Assert.Single(attempt.Lines("stdout")));
            await agent.UntilAsync(() => !Directory.EnumerateDirectories(Path.Combine(agent.Data, "attempts")).Any());
            Assert.Equal(!isShownInTmp, Directory.Exists(Path.Combine(agent.Data, "spare")));
        }

        Assert.Equal("('0o755', True) ('0o755', True) ('0o755', True) []", Assert.Single(said));
    }

    [Fact]
    public async Task A_supervisor_without_walls_runs_one_job_after_another_until_it_is_killed()
    {
        await using var agent = await RunningAgent.StartAsync(
            options: (server, data) => AgentProcess.Options(server, data, best: "L0")
        );
        var first = await SupervisorAsync(Hello);
        Assert.Equal((first, first), (await SupervisorAsync(Hello), await SupervisorAsync(Hello)));
        const string killer = """
            import os, signal, time
            def main():
                supervisor = open(f"/proc/{os.getppid()}/stat").read().rpartition(")")[2].split()[1]
                os.kill(int(supervisor), signal.SIGKILL)
                time.sleep(600)
            """;
        Assert.Equal(first, await SupervisorAsync(killer, "failed"));
        Assert.NotEqual(first, await SupervisorAsync(Hello));

        async Task<int> SupervisorAsync(string code, string outcome = "finished")
        {
            var attempt = await agent.RunAsync(code);
            Assert.Equal(outcome, attempt.End!.Outcome);
            return attempt.Events[0].GetProperty("pid").GetInt32();
        }
    }

    [Fact]
    public async Task A_data_folder_deep_in_the_tree_is_fine()
    {
        await using var agent = await RunningAgent.StartAsync(
            options: (server, data) => AgentProcess.Options(server, Path.Combine(data, new string('d', 200)))
        );
        Assert.Equal("finished", (await agent.RunAsync(Hello)).End!.Outcome);
    }

    [Fact]
    public async Task A_job_that_raises_fails_with_its_traceback()
    {
        await using var agent = await RunningAgent.StartAsync();
        var attempt = await agent.RunAsync("def main():\n    raise ValueError('eps must be positive')\n");
        Assert.Equal(("failed", "user_error", "only"), (attempt.End!.Outcome, attempt.End.Reason, attempt.End.Step));
        Assert.Contains("eps must be positive", attempt.End.Message, StringComparison.Ordinal);
        Assert.Contains("Traceback", attempt.End.Traceback, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../escape.py")]
    [InlineData("/tmp/escape.py")]
    [InlineData("a\\b.py")]
    public async Task A_grant_with_a_path_that_leaves_its_folder_is_refused(string path)
    {
        await using var agent = await RunningAgent.StartAsync();
        var attempt = await agent.RunAsync(Hello, path);
        Assert.Equal(("failed", "env_setup"), (attempt.End!.Outcome, attempt.End.Reason));
        Assert.Contains(path, attempt.End.Message, StringComparison.Ordinal);
        Assert.Empty(attempt.Events);
        var next = await agent.RunAsync(Hello);
        Assert.Equal("finished", next.End!.Outcome);
    }

    [Fact]
    public async Task A_plan_or_plugin_that_arrives_damaged_is_refused()
    {
        await using var agent = await RunningAgent.StartAsync();
        var plan = agent.Server.Submit(id => Jobs.Grant(id, []) with { Plan = "{}" });
        var digest = agent.Server.AddBlob([1, 2, 3]);
        agent.Server.Blobs[digest] = [3, 2, 1];
        var plugin = agent.Server.Submit(id => Jobs.Grant(id, [new GrantFile("a.py", digest, 3)]));
        await agent.UntilAsync(() => plan.End is not null && plugin.End is not null);
        Assert.Equal(("failed", "env_setup"), (plan.End!.Outcome, plan.End.Reason));
        Assert.Contains("digest", plan.End.Message, StringComparison.Ordinal);
        Assert.Equal(("failed", "env_setup"), (plugin.End!.Outcome, plugin.End.Reason));
        Assert.Contains(digest, plugin.End.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_without_a_sandbox_refuses_a_job_that_asks_for_one()
    {
        await using var agent = await RunningAgent.StartAsync(
            options: (server, data) =>
                new WorkerOptions
                {
                    Server = new Uri(server),
                    Token = FakeServer.Token,
                    DataFolder = data,
                    PythonPackage = AgentProcess.Package,
                    HighestLevel = "L0",
                }
        );
        var attempt = agent.Server.Submit(id => Jobs.Grant(id, [], isolation: "L1"));
        await agent.UntilAsync(() => attempt.End is not null);
        Assert.Equal(("failed", "env_setup"), (attempt.End!.Outcome, attempt.End.Reason));
        Assert.Contains("--allow-unsandboxed", attempt.End.Message, StringComparison.Ordinal);
        Assert.Equal(["L0"], agent.Server.Registrations.Single().Levels);
    }

    [Fact]
    public async Task Files_of_an_artifact_are_there_before_its_event_is()
    {
        await using var agent = await RunningAgent.StartAsync();
        agent.Server.Break("finish", Fault.Error);
        var attempt = await agent.RunAsync(
            """
            import alidade
            import pathlib

            def main():
                pathlib.Path("report").mkdir()
                pathlib.Path("report/a.txt").write_text("a" * 100_000)
                pathlib.Path("report/b.txt").write_text("b")
                alidade.log_artifact("report", "report")
            """
        );
        Assert.Equal("finished", attempt.End!.Outcome);
        var artifact = attempt.Events.Single(e => e.GetProperty("k").ValueEquals("artifact"));
        var digests = artifact.GetProperty("files").EnumerateArray().Select(f => f.GetProperty("sha256").GetString()!);
        Assert.Equal(2, digests.Count());
        Assert.All(digests, digest => Assert.True(agent.Server.Blobs.ContainsKey(digest)));
        var requests = agent.Server.Requests.ToList();
        var upload = requests.FindLastIndex(request => request.StartsWith("PUT", StringComparison.Ordinal));
        var last = requests.FindLastIndex(request => request.EndsWith("/events", StringComparison.Ordinal));
        Assert.True(upload < last, "The event that names the files goes last.");
    }

    [Fact]
    public async Task A_cancelled_job_is_ended_and_reported_as_cancelled()
    {
        await using var agent = await RunningAgent.StartAsync();
        var attempt = agent.Server.Submit(JobProcesses.Endless);
        await agent.UntilAsync(() => attempt.Lines("stdout").Any());
        attempt.CancelRequested = true;
        await agent.UntilAsync(() => attempt.End is not null);
        Assert.Equal("cancelled", attempt.End!.Outcome);
    }

    [Fact]
    public async Task An_attempt_that_is_not_ours_any_more_is_killed_and_forgotten()
    {
        await using var agent = await RunningAgent.StartAsync();
        var attempt = agent.Server.Submit(JobProcesses.Endless);
        await agent.UntilAsync(() => attempt.Lines("stdout").Any());
        var supervisor = JobProcesses.SupervisorOf(agent.Data, attempt);
        attempt.Owner = null;
        await JobProcesses.GoneAsync(supervisor);
        await JobProcesses.UntilAsync(() => !Directory.Exists(JobProcesses.FolderOf(agent.Data, attempt)));
        Assert.Empty(attempt.Reports);
    }

    [Fact]
    public async Task Asked_to_stop_it_says_what_runs_waits_for_it_and_takes_nothing_new()
    {
        await using var agent = await RunningAgent.StartAsync();
        var attempt = agent.Server.Submit(
            """
            import pathlib, time

            def main():
                print("begun", flush=True)
                while not pathlib.Path("go").exists():
                    time.sleep(0.01)
            """
        );
        await agent.UntilAsync(() => attempt.Lines("stdout").Any());
        agent.Drain();
        await JobProcesses.UntilAsync(() => agent.Said.Count == 2);
        Assert.Equal("1 job running, waiting 10 s; Ctrl-C again to leave it to the next start", agent.Said[1]);
        var late = agent.Server.Submit(Hello);
        await File.WriteAllTextAsync(Path.Combine(JobProcesses.FolderOf(agent.Data, attempt), "work", "go"), "");
        await agent.Ended;
        Assert.Equal("finished", attempt.End!.Outcome);
        Assert.Null(late.Owner);
    }

    [Fact]
    public async Task A_refused_token_stops_the_agent_with_a_sentence()
    {
        await using var agent = await RunningAgent.StartAsync();
        agent.Server.RefusesToken = true;
        var error = await Assert.ThrowsAsync<WorkerStoppedException>(() => agent.Ended);
        Assert.Contains("alidade worker-token create", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_template_that_is_killed_while_it_starts_does_not_stop_the_agent()
    {
        var folder = Directory.CreateTempSubdirectory("alidade-killed-");
        try
        {
            var python = Path.Combine(folder.FullName, "python3");
            await File.WriteAllTextAsync(
                python,
                """
                #!/bin/sh
                mark="$(dirname "$0")/mark"
                if [ ! -e "$mark" ]; then touch "$mark"; kill -9 $$; fi
                exec /usr/bin/python3 "$@"
                """
            );
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(python, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            await using var agent = await RunningAgent.StartAsync(
                options: (server, data) =>
                    new WorkerOptions
                    {
                        Server = new Uri(server),
                        Token = FakeServer.Token,
                        DataFolder = data,
                        PythonPackage = AgentProcess.Package,
                        Python = python,
                    }
            );
            var attempt = agent.Server.Submit(Hello);
            await agent.UntilAsync(() => attempt.End is not null);
            Assert.True(File.Exists(Path.Combine(folder.FullName, "mark")));
            Assert.Equal("finished", attempt.End!.Outcome);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task An_interpreter_that_does_not_start_stops_the_agent_with_a_sentence()
    {
        await using var agent = await RunningAgent.StartAsync(
            options: (server, data) =>
                new WorkerOptions
                {
                    Server = new Uri(server),
                    Token = FakeServer.Token,
                    DataFolder = data,
                    PythonPackage = AgentProcess.Package,
                    Python = "/nonexistent/python3",
                }
        );
        var missing = await Assert.ThrowsAsync<WorkerStoppedException>(() => agent.Ended);
        Assert.Contains("/nonexistent/python3", missing.Message, StringComparison.Ordinal);
    }
}
