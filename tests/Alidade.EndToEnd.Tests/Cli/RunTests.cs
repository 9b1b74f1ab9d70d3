using System.Globalization;
using System.Text.Json.Nodes;
using Alidade.EndToEnd.Tests.Support;

namespace Alidade.EndToEnd.Tests.Cli;

/// <summary><c>alidade run</c> and the commands around it, against a real server and its worker.</summary>
public sealed class RunTests(SignedInHome home) : IClassFixture<SignedInHome>
{
    private const string Hello = """
        def hello(name: str, times: int = 2):
            for i in range(times):
                print(f"hello {name} {i}")
        """;

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    private LiveServer Server => home.Server;

    private TempFolder Home => home.Folder;

    [Fact(Timeout = 120_000)]
    public async Task A_plain_function_runs_and_its_log_is_shown()
    {
        var (exit, output) = await RunAsync(Home.Write("hello.py", Hello), "-P", "name=you", "-P", "times=3");

        Assert.True(exit == 0, output);
        var said = output
            .Split('\n')
            .Where(line => line.Contains("hello you"))
            .Select(line => line.Trim().Split("hello ")[^1]);
        Assert.Equal(["you 0", "you 1", "you 2"], said);
    }

    [Fact(Timeout = 120_000)]
    public async Task The_first_runs_on_a_server_may_all_begin_at_once()
    {
        await using var fresh = new SignedInHome();
        await fresh.InitializeAsync();
        var file = fresh.Folder.Write("hello.py", Hello);
        var runs = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(i => AskAsync(fresh, "run", file, "-P", $"name=n{i}"))
        );

        Assert.All(runs, run => Assert.True(run.Exit == 0, run.Output));
    }

    [Fact(Timeout = 120_000)]
    public async Task Equal_content_makes_no_new_snapshot_and_a_change_makes_one()
    {
        var file = Home.Write("hello.py", Hello);
        await RunAsync(file, "-P", "name=you");
        var first = await Server.Client.Entrypoints.FindAsync("hello.hello", Limit);
        await RunAsync(file, "-P", "name=me");
        var second = await Server.Client.Entrypoints.FindAsync("hello.hello", Limit);
        Home.Write("hello.py", Hello.Replace("hello {name}", "good day {name}"));
        var (_, output) = await RunAsync(file, "-P", "name=me");
        var third = await Server.Client.Entrypoints.FindAsync("hello.hello", Limit);

        Assert.Equal(first!.Snapshot, second!.Snapshot);
        Assert.NotEqual(second.Snapshot, third!.Snapshot);
        Assert.Contains("good day me 1", output);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_function_that_raises_fails_with_its_message_and_traceback()
    {
        var (exit, output) = await RunAsync(
            Home.Write("bad.py", "def bad():\n    raise ValueError('eps must be positive')\n")
        );

        Assert.Equal(1, exit);
        Assert.Contains("ValueError: eps must be positive", output);
        Assert.Contains("line 2, in bad", output);
        Assert.Contains(" failed", output);
    }

    [Fact(Timeout = 120_000)]
    public async Task Results_and_metrics_are_printed_at_the_end()
    {
        var (exit, output) = await RunAsync(
            Home.Write(
                "train.py",
                """
                import alidade

                def train():
                    for step in range(3):
                        alidade.log_metric("loss", 1 / (step + 1), step=step)
                    alidade.log_result("verdict", "fine")
                    alidade.log_result("[sizes]", [1, 2])
                """
            )
        );

        Assert.True(exit == 0, output);
        Assert.Contains("verdict = fine", output);
        Assert.Contains("[sizes] = [1", output);
        Assert.Contains("loss = 0.333", output);
    }

    [Fact(Timeout = 120_000)]
    public async Task Ctrl_C_asks_for_the_end_of_the_job()
    {
        var file = Home.Write(
            "long.py",
            "import time\n\ndef wait():\n    print('waiting', flush=True)\n    time.sleep(600)\n"
        );
        await using var run = RunningProgram.Alidade(Home.Path, "run", file, "--server", Server.Url.ToString());
        await run.HearAsync("waiting", Limit);

        run.Signal(RunningProgram.SigInt);

        Assert.Equal(1, await run.EndAsync(Limit));
        Assert.Contains(" cancelled", run.Output);
    }

    [Fact(Timeout = 120_000)]
    public async Task Jobs_draw_different_numbers_without_a_seed_and_the_same_with_one()
    {
        const string Draw = """
            import random
            import numpy

            def draw():
                print("drawn", random.random(), numpy.random.rand())
            """;
        var drawn = new List<string>();
        foreach (var seed in (long?[])[null, null, 11, 11])
        {
            var job = await Server.SubmitAsync(Draw, Limit, seed);
            var (ended, lines) = await Server.FollowAsync(job.Id, Limit);
            Assert.Equal("finished", ended.State);
            drawn.Add(Assert.Single(lines, line => line.Message.StartsWith("drawn", StringComparison.Ordinal)).Message);
        }

        Assert.Equal(3, drawn.Distinct().Count());
        Assert.Equal(drawn[2], drawn[3]);
        var first = drawn[0].Split(' ');
        var second = drawn[1].Split(' ');
        Assert.NotEqual(first[1], second[1]);
        Assert.NotEqual(first[2], second[2]);
    }

    [Fact(Timeout = 120_000)]
    public async Task Who_is_not_signed_in_is_told_how()
    {
        using var elsewhere = new TempFolder();
        await using var run = RunningProgram.Alidade(
            elsewhere.Path,
            "run",
            elsewhere.Write("hello.py", "def hello():\n    pass\n"),
            "--server",
            Server.Url.ToString()
        );

        Assert.Equal(1, await run.EndAsync(Limit));
        Assert.Contains("alidade login --server", run.Output);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_queue_is_paused_by_its_name_and_a_wrong_value_is_told_in_words()
    {
        var group = (await Server.Client.Users.CurrentAsync(Limit)).Groups[0].Id;
        await Server.Client.Queues.CreateAsync(new("night"), group, Limit);

        Assert.Equal((0, "queue night paused"), await AskAsync("queues", "pause", "night"));
        var (_, list) = await AskAsync("queues", "list");
        Assert.Matches("night +paused", list);
        Assert.StartsWith("error: There is no queue day. There is ", (await AskAsync("queues", "pause", "day")).Output);
        Assert.Equal(
            (1, "Cannot parse argument 'x' for command 'log': a whole number is needed."),
            await AskAsync("jobs", "log", "x")
        );
        Assert.Equal(
            (1, "error: --queue is empty: give a name, or leave it out."),
            await RunAsync(Home.Write("hello.py", Hello), "-P", "name=you", "--queue", "")
        );
        string[] labels = ["--label", "gpu", "--label", "size="];
        var (exit, refused) = await AskAsync(["submit", "any", "--experiment", "any", .. labels]);
        Assert.Equal((1, "--label gpu: write it as NAME=VALUE."), (exit, refused.TrimEnd()));
    }

    [Fact(Timeout = 120_000)]
    public async Task Pools_say_what_they_show_and_groups_how_much_they_run()
    {
        Assert.Equal((0, "pool 1 shows sets"), await AskAsync("workers", "pool-data", "1", "sets=/mnt/sets"));
        Assert.Contains("sets=/mnt/sets", (await AskAsync("workers", "pools")).Output);
        Assert.Equal((0, "pool 1 shows nothing"), await AskAsync("workers", "pool-data", "1"));
        Assert.Equal((0, "3 running jobs at most"), await AskAsync("quota", "set", "3"));
        Assert.Equal((0, "3 running jobs at most"), await AskAsync("quota", "show"));
        Assert.Equal(1, (await AskAsync("quota", "set", "many")).Exit);
        const string Both = "3 running and 100 waiting jobs at most";
        Assert.Equal((0, Both), await AskAsync("quota", "set", "--waiting", "100"));
        Assert.Equal((0, "100 waiting jobs at most"), await AskAsync("quota", "set", "none"));
        Assert.Equal((0, "no limit"), await AskAsync("quota", "set", "--waiting", "none"));
    }

    [Fact(Timeout = 120_000)]
    public async Task The_files_of_a_job_are_listed_for_people_and_for_programs()
    {
        const string Keep = """
            import alidade, pathlib

            def keep():
                notes = pathlib.Path("notes")
                notes.mkdir()
                (notes / "a.md").write_text("x" * 1536)
                alidade.log_artifact(notes)
            """;
        Assert.Equal(0, (await RunAsync(Home.Write("keep.py", Keep), "--experiment", "kept")).Exit);
        var kept = await Server.Client.Experiments.FindAsync("kept", Limit);
        var job = $"{(await Server.Client.Experiments.ListJobsAsync(kept!.Id, new(), Limit)).Data.Single().Id}";

        var (exit, list) = await AskAsync("artifacts", "list", job);
        var (_, json) = await AskAsync("artifacts", "list", job, "--json");

        Assert.True(exit == 0, list);
        Assert.Matches(@"notes/a\.md +1\.5 KiB +text/markdown", list);
        var file = Assert.Single(JsonNode.Parse(json)!.AsArray())!;
        Assert.Equal(("notes/a.md", 1536), (file["path"]!.GetValue<string>(), file["size"]!.GetValue<long>()));
        var fetched = Home.In("fetched.md");
        Assert.Equal(0, (await AskAsync("artifacts", "get", job, "notes/a.md", "--to", fetched)).Exit);
        Assert.Equal(1536, new FileInfo(fetched).Length);
        Assert.Equal(
            (1, "error: notes is a folder; give one of its files: notes/a.md."),
            await AskAsync("artifacts", "get", job, "notes")
        );
        Assert.Equal(
            (1, "error: There is no file a. Did you mean notes/a.md?"),
            await AskAsync("artifacts", "get", job, "a")
        );
        Assert.Equal(
            (1, $"error: {Home.Path} is a folder; give a file."),
            await AskAsync("artifacts", "put", job, Home.Path)
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task A_job_of_an_entrypoint_that_is_there_is_submitted_by_names()
    {
        var file = Home.Write("greet.py", "def greet(name: str = 'you'):\n    print('hello', name)\n");
        Assert.Equal(0, (await RunAsync(file, "--experiment", "greetings")).Exit);

        var (exit, output) = await AskAsync("submit", "greet.greet", "--experiment", "greetings", "-P", "name=Ada");
        Assert.True(exit == 0, output);
        Assert.Contains("hello Ada", output);
        var (_, number) = await AskAsync(
            "submit",
            "greet.greet",
            "--experiment",
            "greetings",
            "--detach",
            "--description",
            "late one\nin two lines"
        );
        Assert.Equal(
            "late one\nin two lines",
            (await Server.Client.Jobs.GetAsync(long.Parse(number), Limit)).Description
        );

        var (_, list) = await AskAsync("jobs", "list");
        Assert.Contains("late one", list);
        Assert.DoesNotContain("in two lines", list);

        Assert.StartsWith(
            "error: There is no entrypoint greeting. There is ",
            (await AskAsync("submit", "greeting", "--experiment", "greetings")).Output
        );
        Assert.Equal(1, (await AskAsync("submit", "greet.greet", "--experiment", "greetings", "-P", "size=1")).Exit);
    }

    [Fact(Timeout = 120_000)]
    public async Task What_never_began_says_why_at_the_end_of_its_log()
    {
        var file = Home.Write("idle.py", "def idle():\n    pass\n");
        Assert.Equal(0, (await RunAsync(file, "--experiment", "idle")).Exit);
        var (_, number) = await AskAsync(
            "submit",
            "idle.idle",
            "--experiment",
            "idle",
            "--detach",
            "--not-before",
            TimeProvider
                .System.GetUtcNow()
                .AddDays(30)
                .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
        );
        Assert.Equal(0, (await AskAsync("jobs", "cancel", number)).Exit);

        var (exit, log) = await AskAsync("jobs", "log", number);
        Assert.Equal((1, true), (exit, log.StartsWith($"job {number} cancelled", StringComparison.Ordinal)));
        Assert.Contains(
            "error: --artifact model=x: write it as NAME=ID[@SNAPSHOT].",
            (await AskAsync("submit", "idle.idle", "--experiment", "idle", "--artifact", "model=x")).Output
        );
        Assert.Contains(
            "no artifact parameters model",
            (await AskAsync("submit", "idle.idle", "--experiment", "idle", "--artifact", "model=1@2")).Output
        );
    }

    private Task<(int Exit, string Output)> RunAsync(string file, params string[] arguments) =>
        AskAsync(["run", file, .. arguments]);

    private Task<(int Exit, string Output)> AskAsync(params string[] command) => AskAsync(home, command);

    private static async Task<(int Exit, string Output)> AskAsync(SignedInHome home, params string[] command)
    {
        await using var run = RunningProgram.Alidade(
            home.Folder.Path,
            [.. command, "--server", home.Server.Url.ToString()]
        );
        return (await run.EndAsync(Limit), run.Output);
    }
}
