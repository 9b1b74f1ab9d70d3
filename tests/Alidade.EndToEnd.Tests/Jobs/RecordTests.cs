using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Alidade.Client;
using Alidade.EndToEnd.Tests.Support;
using Alidade.Functions;

namespace Alidade.EndToEnd.Tests.Jobs;

/// <summary>Records of real jobs: of two that differ in one thing, exactly this one is named.</summary>
public sealed class RecordTests
{
    private const string Source = """
        import time
        import alidade

        def work(eps: float = 0.1, wait: str = ""):
            alidade.log_result("eps", eps)
            alidade.log_text("notes", "made of " + str(eps))
            print("begun", flush=True)
            while wait and not __import__("os").path.exists(wait):
                time.sleep(0.05)
        """;

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_two_jobs_that_differ_in_one_thing_exactly_this_one_is_named()
    {
        Assert.SkipWhen(Environment.ProcessorCount < 2, "One processor gives every job one thread.");
        using var folder = new TempFolder();
        await using var server = await LiveServer.StartAsync(folder.In("data"), Limit, "--slots", "1");

        var job = await RunAsync(server);
        var same = await RunAsync(server);
        var seed = await RunAsync(server, seed: 2);
        var parameter = await RunAsync(server, ("eps", "0.25"));
        var file = await RunAsync(server, source: Source + "\n# another file\n");

        var slots = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture);
        await RestartAsync(server, "--slots", slots);
        var threads = await RunAsync(server);
        await RestartAsync(server, "--slots", "1", "--python", EnvironmentWithSurplus(folder));
        var package = await RunAsync(server);

        Assert.Empty((await CompareAsync(server, job, same)).Shape);
        Assert.Empty((await CompareAsync(server, job, same)).Outcome);
        Assert.Equal(["seed"], await ShapeAsync(server, job, seed));
        Assert.Equal(["parameter eps"], await ShapeAsync(server, job, parameter));
        Assert.Equal(["plugin file run_work/work.py"], await ShapeAsync(server, job, file));
        Assert.Equal(["threads"], await ShapeAsync(server, job, threads));
        Assert.Equal(["package surplus"], await ShapeAsync(server, job, package));
        Assert.Equal(["package surplus", "threads"], await ShapeAsync(server, threads, package));
        var outcome = (await CompareAsync(server, job, parameter)).Outcome;
        Assert.Equal(
            ["output notes/notes", "result eps"],
            outcome.Select(d => d.Name.Replace(".txt", "", StringComparison.Ordinal))
        );
        Assert.Equal(("0.1", "0.25"), (outcome[1].Here, outcome[1].There));

        await server.SignInAsync(folder.Path, Limit);
        var said = await CliAsync(folder, "jobs", "compare", $"{job}", $"{seed}", "--server", $"{server.Url}");
        Assert.Contains("seed", said);
        Assert.DoesNotContain("package", said);
        said = await CliAsync(folder, "jobs", "record", $"{package}", "--server", $"{server.Url}");
        Assert.Contains("package surplus", said);
        Assert.Matches(@"peak memory +\d+(\.\d)? MiB", said);
        said = await CliAsync(folder, "jobs", "record", $"{package}", "--json", "--server", $"{server.Url}");
        var peak = JsonNode.Parse(said)!["attempts"]![0]!["end"]!["peakMemory"]!.GetValue<long>();
        Assert.InRange(peak, 1 << 20, 1L << 40);
    }

    [Fact]
    public async Task The_beginning_of_a_record_is_whole_while_the_job_runs_and_survives_the_servers_death()
    {
        using var folder = new TempFolder();
        await using var server = await LiveServer.StartAsync(
            folder.In("data"),
            Limit,
            "--config",
            folder.Write("settings.yaml", "worker:\n  isolation: L0\n")
        );
        var go = folder.In("go");
        var id = await SubmitAsync(server, Source, 1, ("wait", go));
        await server.HearAsync(id, "begun", Limit);
        await server.KillAsync();
        await server.StartAgainAsync(Limit);

        var attempt = Assert.Single((await server.Client.Jobs.RecordAsync(id, Limit)).Attempts);
        Assert.Null(attempt.End);
        var start = attempt.Start!;
        Assert.Equal(1, start.Seed);
        Assert.Equal("L0", start.Level);
        Assert.True(start.Threads >= 1);
        Assert.Equal(64, start.Environment!.Facts!["binary"]!.GetValue<string>().Length);
        Assert.Equal(start.Python, start.Environment.Facts["python"]!.GetValue<string>());
        Assert.NotNull(start.Environment.Facts["packages"]);
        Assert.NotEqual("", start.Machine!.Facts!["kernel"]!.GetValue<string>());
        Assert.True(start.Machine.Facts["memory"]!.GetValue<long>() > 0);

        File.WriteAllText(go, "");
        Assert.Equal("finished", (await server.FollowAsync(id, Limit)).Job.State);
        var record = await server.Client.Jobs.RecordAsync(id, Limit);
        Assert.Equal(64, record.Definition.PlanDigest!.Length);
        Assert.Equal("run_work/work.py", Assert.Single(record.Definition.Plugins).Path);
        var end = Assert.Single(record.Attempts).End!;
        Assert.Equal(0, end.Exit);
        Assert.Equal("0.1", Assert.Single(end.Results).Value!.ToString());
        Assert.Equal(64, Assert.Single(end.Outputs).Sha256!.Length);
    }

    private static async Task<long> RunAsync(
        LiveServer server,
        (string Name, string Value)? value = null,
        string source = Source,
        long seed = 1
    )
    {
        var id = await SubmitAsync(server, source, seed, value);
        var (job, lines) = await server.FollowAsync(id, Limit);
        Assert.True(job.State == "finished", string.Join('\n', lines.Select(line => line.Message)));
        return id;
    }

    private static async Task<long> SubmitAsync(
        LiveServer server,
        string source,
        long seed,
        (string Name, string Value)? value
    )
    {
        using var folder = new TempFolder();
        var function = FunctionFile.Read(new FileInfo(folder.Write("work.py", source)), null, ["eps", "wait"]);
        var group = (await server.Client.Users.CurrentAsync(Limit)).Groups[0].Id;
        var published = await new FunctionPublisher(server.Client, group).PublishAsync(
            function,
            "tests",
            "tests",
            Limit
        );
        var values = value is { } given
            ? new Dictionary<string, string> { [given.Name] = given.Value }
            : new Dictionary<string, string>();
        var content = new JobContent(published.Queue, published.Entrypoint, values, Seed: seed);
        return (await server.Client.Experiments.SubmitAsync(published.Experiment, content, Limit)).Id;
    }

    private static async Task RestartAsync(LiveServer server, params string[] flags)
    {
        await server.KillAsync();
        await server.StartAgainAsync(flags, Limit);
    }

    private static Task<JobComparison> CompareAsync(LiveServer server, long here, long there) =>
        server.Client.Jobs.CompareAsync(here, there, Limit);

    private static async Task<IEnumerable<string>> ShapeAsync(LiveServer server, long here, long there)
    {
        var comparison = await CompareAsync(server, here, there);
        Assert.Empty(comparison.Unknown);
        return comparison.Shape.Select(difference => difference.Name);
    }

    private static async Task<string> CliAsync(TempFolder folder, params string[] arguments)
    {
        await using var program = RunningProgram.Alidade(folder.Path, arguments);
        Assert.True(await program.EndAsync(Limit) == 0, program.Output);
        return program.Output;
    }

    /// <summary>The system's own environment and one package that is in it by name only.</summary>
    private static string EnvironmentWithSurplus(TempFolder folder)
    {
        var venv = folder.In("venv");
        using var made = Process.Start(
            "/usr/bin/python3",
            ["-m", "venv", "--system-site-packages", "--without-pip", venv]
        );
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);
        var packages = Directory.GetDirectories(venv, "site-packages", SearchOption.AllDirectories)[0];
        Directory.CreateDirectory(Path.Combine(packages, "surplus-1.2.dist-info"));
        return Path.Combine(venv, "bin", "python");
    }
}
