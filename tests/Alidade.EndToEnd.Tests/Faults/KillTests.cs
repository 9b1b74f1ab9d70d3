using Alidade.EndToEnd.Tests.Support;

namespace Alidade.EndToEnd.Tests.Faults;

/// <summary>kill -9 of each process of a running job: nothing acknowledged is lost, and every job ends truthfully.</summary>
public sealed class KillTests
{
    private const string Counting = """
        import time

        def count():
            for i in range(1, 61):
                print(f"line {i}", flush=True)
                time.sleep(0.1)
        """;

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_job_outlives_its_server_and_its_log_has_no_gap()
    {
        using var folder = new TempFolder();
        await using var server = await LiveServer.StartAsync(folder.In("data"), Limit);
        var job = await server.SubmitAsync(Counting, Limit);
        await server.HearAsync(job.Id, "line 5", Limit);

        var following = server.FollowAsync(job.Id, Limit);
        await server.KillAsync();
        await server.StartAgainAsync(Limit);
        var (ended, lines) = await following;

        Assert.Equal(("finished", null), (ended.State, ended.Reason));
        var counted = lines.Where(line => line.Stream == "stdout").Select(line => line.Message);
        Assert.Equal(Enumerable.Range(1, 60).Select(i => $"line {i}"), counted);
        Assert.Equal(lines.Select(line => line.Number).Order(), lines.Select(line => line.Number));
        var everything = await server.Client.Jobs.LogAsync(job.Id, 0, cancellation: Limit);
        Assert.Equal(lines, everything.Lines);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_job_whose_process_is_killed_fails_with_the_signal()
    {
        using var folder = new TempFolder();
        await using var server = await LiveServer.StartAsync(folder.In("data"), Limit);
        var job = await server.SubmitAsync(Counting, Limit);
        await server.HearAsync(job.Id, "line 3", Limit);

        Assert.Equal(
            0,
            RunningProgram.Kill(Processes.JobOf(Processes.Supervisor(folder.In("data"))), RunningProgram.SigKill)
        );

        var (ended, lines) = await server.FollowAsync(job.Id, Limit);
        Assert.Equal(("failed", "killed"), (ended.State, ended.Reason));
        Assert.Contains(lines, line => line.Message == "line 3");
    }

    [Fact(Timeout = 120_000)]
    public async Task A_job_whose_supervisor_is_killed_ends_with_it_and_says_so()
    {
        using var folder = new TempFolder();
        await using var server = await LiveServer.StartAsync(folder.In("data"), Limit);
        var job = await server.SubmitAsync(Counting, Limit);
        await server.HearAsync(job.Id, "line 3", Limit);
        var supervisor = Processes.Supervisor(folder.In("data"));
        var process = Processes.JobOf(supervisor);

        Assert.Equal(0, RunningProgram.Kill(supervisor, RunningProgram.SigKill));

        var (ended, lines) = await server.FollowAsync(job.Id, Limit);
        Assert.False(Processes.Lives(process), "the job outlived its supervisor");
        Assert.Equal(("failed", "killed"), (ended.State, ended.Reason));
        Assert.Contains("supervisor", ended.Message);
        Assert.Contains(lines, line => line.Message == "line 3");
    }

    [Fact(Timeout = 120_000)]
    public async Task A_killed_template_harms_no_running_job_and_no_later_one()
    {
        using var folder = new TempFolder();
        await using var server = await LiveServer.StartAsync(folder.In("data"), Limit);
        var job = await server.SubmitAsync(Counting, Limit);
        await server.HearAsync(job.Id, "line 3", Limit);

        Assert.Equal(0, RunningProgram.Kill(Processes.TemplateOf(server.ProcessId), RunningProgram.SigKill));
        var next = await server.SubmitAsync("def after():\n    print('after the template')\n", Limit);

        Assert.Equal("finished", (await server.FollowAsync(job.Id, Limit)).Job.State);
        Assert.Equal("finished", (await server.FollowAsync(next.Id, Limit)).Job.State);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_server_that_stops_ends_its_live_streams_instead_of_waiting_for_their_readers()
    {
        using var folder = new TempFolder();
        await using var server = await LiveServer.StartAsync(folder.In("data"), Limit);
        var job = await server.SubmitAsync("def nothing():\n    pass\n", Limit);
        await server.FollowAsync(job.Id, Limit);
        await using var hints = server.Client.Live.FollowAsync($"job/{job.Id}", Limit).GetAsyncEnumerator(Limit);
        Assert.True(await hints.MoveNextAsync());

        RunningProgram.Kill(server.ProcessId, RunningProgram.SigTerm);

        // A stream that is cut off throws here; one that ends says so.
        Assert.False(await hints.MoveNextAsync());
    }
}
