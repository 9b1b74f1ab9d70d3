using Alidade.Client;
using Alidade.EndToEnd.Tests.Support;
using Alidade.Functions;

namespace Alidade.EndToEnd.Tests.Jobs;

/// <summary>What real jobs are given by name: secrets of their group and data folders of their worker.</summary>
public sealed class GivenTests
{
    private const string Value = "s3cret/with=signs";

    private const string Source = """
        import alidade, os

        def work():
            value = alidade.secret("token")
            print("right", value == "VALUE")
            print("said", value)
            print("environment", [name for name, text in os.environ.items() if value in text])
            here = alidade.data("digits")
            print("data", (here / "digits.csv").read_text())
            try:
                (here / "more.csv").write_text("4")
                print("written")
            except OSError as error:
                print("not written", error.errno)
            print("beside", (here / "link").exists(), sorted(os.listdir(here / "..")))
            alidade.log_result("result", value)
        """;

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_reads_its_secret_and_its_data_and_gives_neither_away()
    {
        using var folder = new TempFolder();
        var data = Directory.CreateDirectory(folder.In("digits")).FullName;
        File.WriteAllText(Path.Combine(data, "digits.csv"), "1,2,3");
        File.CreateSymbolicLink(Path.Combine(data, "link"), folder.Write("beside", "not for jobs"));
        await using var server = await LiveServer.StartAsync(
            folder.In("data"),
            Limit,
            "--data-folder",
            $"digits={data}"
        );
        await server.SignInAsync(folder.Path, Limit);
        Assert.Contains("secret token version 1", await CliAsync(folder, server, Value + "\n", "set", "token"));

        var needs = new FunctionNeeds(["digits"], ["token"]);
        var source = Source.Replace("VALUE", Value, StringComparison.Ordinal);
        var submitted = await server.SubmitAsync(source, Limit, needs: needs);
        var (job, lines) = await server.FollowAsync(submitted.Id, Limit);

        var said = lines.Select(line => line.Message).ToList();
        Assert.True(job.State == "finished", string.Join('\n', said));
        Assert.Contains("right True", said);
        Assert.Contains("said [secret token]", said);
        Assert.Contains("environment []", said);
        Assert.Contains("data 1,2,3", said);
        var start = (await server.Client.Jobs.RecordAsync(job.Id, Limit)).Attempts[0].Start!;
        Assert.Equal(["digits"], start.Data);
        Assert.Equal(["token"], start.Secrets);
        if (start.Level == "L1")
        {
            Assert.Contains("not written 30", said);
            Assert.Contains("beside False ['digits']", said);
            Assert.False(File.Exists(Path.Combine(data, "more.csv")));
        }

        Assert.DoesNotContain(said, line => line.Contains(Value, StringComparison.Ordinal));
        Assert.Equal("[secret token]", (await server.Client.Jobs.ResultsAsync(job.Id, Limit))[0].Value.ToString());
        var listed = await CliAsync(folder, server, "", "list");
        Assert.Contains($"{job.Id}", listed);
        Assert.DoesNotContain(Value, listed);
        foreach (var left in Directory.EnumerateDirectories("/dev/shm", "alidade-*").Where(IsOf(folder)))
        {
            Assert.Empty(Directory.EnumerateFileSystemEntries(left));
        }
    }

    [Fact]
    public async Task A_job_waits_for_a_folder_until_its_pool_declares_it_where_the_worker_lets_it()
    {
        using var folder = new TempFolder();
        var letters = Directory.CreateDirectory(folder.In("shared", "letters")).FullName;
        File.WriteAllText(Path.Combine(letters, "a.txt"), "abc");
        var settings = folder.Write("alidade.yaml", $"worker:\n  dataRoots: ['{folder.In("shared")}']\n");
        await using var server = await LiveServer.StartAsync(folder.In("data"), Limit, "--config", settings);
        const string Source = """
            import alidade
            def work():
                print((alidade.data("letters") / "a.txt").read_text())
            """;
        var job = await server.SubmitAsync(Source, Limit, needs: new FunctionNeeds(["letters"], []));
        Assert.Contains(
            "No worker of the queue tests has the data folder letters",
            (await server.Client.Jobs.GetAsync(job.Id, Limit)).WaitingReason!
        );

        var pool = Assert.Single(await server.Client.Workers.PoolsAsync(Limit));
        var declared = new Dictionary<string, string> { ["letters"] = letters, ["etc"] = "/etc" };
        await server.Client.Workers.SetDataFoldersAsync(pool.Id, declared, Limit);
        await server.KillAsync();
        await server.StartAgainAsync(Limit);
        var (ended, lines) = await server.FollowAsync(job.Id, Limit);
        Assert.Equal("finished", ended.State);
        Assert.Contains("abc", lines.Select(line => line.Message));
        var start = (await server.Client.Jobs.RecordAsync(job.Id, Limit)).Attempts[0].Start!;
        Assert.Equal(["letters"], start.Data);
        Assert.Contains("data folder etc is not shown", server.Output);
    }

    [Fact]
    public async Task A_job_that_asks_for_a_secret_that_is_not_there_is_refused()
    {
        using var folder = new TempFolder();
        await using var server = await LiveServer.StartAsync(folder.In("data"), Limit);
        var refused = await Assert.ThrowsAsync<ApiException>(() =>
            server.SubmitAsync("def work(): pass", Limit, needs: new FunctionNeeds([], ["nothing"]))
        );
        Assert.Contains("asks for the secret nothing", refused.Message);
    }

    /// <summary>The place of this server's worker, whose name only its folder knows.</summary>
    private static Func<string, bool> IsOf(TempFolder folder)
    {
        var place = File.ReadAllText(folder.In("data", "worker", "secrets-place")).Trim();
        return path => path == place;
    }

    private static async Task<string> CliAsync(
        TempFolder folder,
        LiveServer server,
        string input,
        params string[] arguments
    )
    {
        var alidade = Path.Combine(AppContext.BaseDirectory, "alidade");
        string[] all = ["secret", .. arguments, "--server", $"{server.Url}"];
        await using var program = RunningProgram.Start(alidade, all, folder.Path, input);
        Assert.True(await program.EndAsync(Limit) == 0, program.Output);
        return program.Output;
    }
}
