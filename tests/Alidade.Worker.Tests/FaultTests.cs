using Alidade.Engine.Protocol;
using Alidade.Worker.Tests.Fakes;

namespace Alidade.Worker.Tests;

/// <summary>Whatever breaks, each job reaches one truthful end and its log has neither gap nor repetition.</summary>
public sealed class FaultTests
{
    private const string Counting = """
        import pathlib, time

        def main():
            for i in range(50):
                print(i, flush=True)
                time.sleep(0.002)
            while not pathlib.Path("go").exists():
                time.sleep(0.01)
            for i in range(50, 100):
                print(i, flush=True)
        """;

    private static readonly IEnumerable<string> Counted = Enumerable.Range(0, 100).Select(i => $"{i}");

    [Theory]
    [InlineData(Fault.Error)]
    [InlineData(Fault.Reset)]
    [InlineData(Fault.LostReply)]
    [InlineData(Fault.Gone)]
    public async Task A_call_that_goes_wrong_is_repeated_without_harm(Fault fault)
    {
        await using var agent = await RunningAgent.StartAsync();
        agent.Server.Break("events", fault, times: 2);
        agent.Server.Break("finish", fault, times: 2);
        agent.Server.Break("renew", fault);
        var attempt = agent.Server.Submit(Counting);
        await agent.UntilAsync(() => attempt.Lines("stdout").Count() == 50);
        Go(agent.Data, attempt);
        await agent.UntilAsync(() =>
            attempt.End is not null && attempt.Reports.Count > (fault is Fault.LostReply ? 1 : 0)
        );
        Assert.Equal("finished", attempt.End!.Outcome);
        Assert.Equal(Counted, attempt.Lines("stdout"));
        Assert.Single(attempt.Reports.Select(report => report.Report).Distinct());
    }

    [Fact]
    public async Task A_server_that_is_away_loses_nothing()
    {
        await using var agent = await RunningAgent.StartAsync();
        var attempt = agent.Server.Submit(Counting);
        await agent.UntilAsync(() => attempt.Lines("stdout").Count() >= 10);
        agent.Server.IsDown = true;
        Go(agent.Data, attempt);
        await JobProcesses.UntilAsync(() =>
            File.Exists(Path.Combine(JobProcesses.FolderOf(agent.Data, attempt), "exit.json"))
        );
        agent.Server.IsDown = false;
        await agent.UntilAsync(() => attempt.End is not null);
        Assert.Equal("finished", attempt.End!.Outcome);
        Assert.Equal(Counted, attempt.Lines("stdout"));
    }

    [Fact]
    public async Task Events_the_server_has_forgotten_are_sent_again()
    {
        await using var agent = await RunningAgent.StartAsync();
        var attempt = agent.Server.Submit(Counting);
        await agent.UntilAsync(() => attempt.Lines("stdout").Count() == 50);
        attempt.ForgetEventsAfter(20);
        Go(agent.Data, attempt);
        await agent.UntilAsync(() => attempt.End is not null);
        Assert.Equal(Counted, attempt.Lines("stdout"));
    }

    [Fact]
    public async Task A_stale_attempt_is_killed_and_forgotten()
    {
        await using var agent = await RunningAgent.StartAsync();
        agent.Server.Break("events", Fault.Stale);
        var attempt = agent.Server.Submit(JobProcesses.Endless);
        await agent.UntilAsync(() => agent.Server.Requests.Any(r => r.EndsWith("/events", StringComparison.Ordinal)));
        await JobProcesses.UntilAsync(() => !Directory.Exists(JobProcesses.FolderOf(agent.Data, attempt)));
        Assert.Empty(attempt.Reports);
    }

    [Fact]
    public async Task A_killed_agent_leaves_the_job_running_and_the_next_one_goes_on_with_its_log()
    {
        await using var server = await FakeServer.StartAsync();
        using var folder = new Alidade.Testing.TemporaryFolder();
        var attempt = server.Submit(Counting);
        using (var first = AgentProcess.Start(server, folder.Path))
        {
            await server.UntilAsync(() => attempt.Lines("stdout").Count() >= 20);
            await first.KillAsync();
        }

        Go(folder.Path, attempt);
        using var second = AgentProcess.Start(server, folder.Path);
        await server.UntilAsync(() => attempt.End is not null);
        Assert.Equal("finished", attempt.End!.Outcome);
        Assert.Equal(Counted, attempt.Lines("stdout"));
        Assert.Equal(2, server.Registrations.Count);
        Assert.Equal(7, server.Registrations.Last().Attempts.Single().Fence);
        Assert.Single(server.Registrations.Select(registration => registration.Place).Distinct());
        await second.KillAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_job_of_a_killed_agent_ends_before_another_worker_gets_it(bool sharesFate)
    {
        var brief = new Intervals(Renew: 0.1, ClaimWait: 5, Lease: 1, LostAfter: 2);
        await using var server = await FakeServer.StartAsync(brief);
        using var folder = new Alidade.Testing.TemporaryFolder();
        var attempt = server.Submit(Counting);
        using var agent = AgentProcess.Start(server, folder.Path, sharesFate);
        await server.UntilAsync(() => attempt.Lines("stdout").Count() == 50);
        var supervisor = JobProcesses.SupervisorOf(folder.Path, attempt);
        var exit = Path.Combine(JobProcesses.FolderOf(folder.Path, attempt), "exit.json");

        await agent.KillAsync();
        if (sharesFate)
        {
            // As long as it would take to end three times.
            await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
            Assert.False(File.Exists(exit));
            Go(folder.Path, attempt);
        }

        await JobProcesses.GoneAsync(supervisor);
        Assert.Contains(
            sharesFate ? "\"finished\"" : "\"lost\"",
            await File.ReadAllTextAsync(exit, TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task What_had_not_begun_when_its_agent_was_killed_is_given_back()
    {
        await using var server = await FakeServer.StartAsync();
        using var folder = new Alidade.Testing.TemporaryFolder();

        // The file it waits for never comes, so it stays in preparation.
        server.Break("blobs/" + new string('a', 64), Fault.Error, times: 1000);
        var attempt = server.Submit(id => Jobs.Grant(id, [new GrantFile("a.py", new string('a', 64), 1)]));
        using (var first = AgentProcess.Start(server, folder.Path))
        {
            await server.UntilAsync(() => server.Requests.Any(r => r.Contains("blobs", StringComparison.Ordinal)));
            await first.KillAsync();
        }

        using var second = AgentProcess.Start(server, folder.Path);
        await server.UntilAsync(() => attempt.Released);
        Assert.Null(attempt.End);
        await second.KillAsync();
    }

    [Fact]
    public async Task A_killed_supervisor_fails_its_job_and_says_so()
    {
        await using var agent = await RunningAgent.StartAsync();
        var attempt = agent.Server.Submit(JobProcesses.Endless);
        await agent.UntilAsync(() => attempt.Lines("stdout").Any());
        JobProcesses.Kill(JobProcesses.SupervisorOf(agent.Data, attempt));
        await agent.UntilAsync(() => attempt.End is not null);
        Assert.Equal(("failed", "killed"), (attempt.End!.Outcome, attempt.End.Reason));
        Assert.Contains("supervisor", attempt.End.Message, StringComparison.Ordinal);
        Assert.Equal(attempt.Events.Count, attempt.End.LastEvent);
    }

    [Fact]
    public async Task A_killed_template_harms_no_running_job_and_is_replaced()
    {
        await using var agent = await RunningAgent.StartAsync();
        var attempt = agent.Server.Submit(Counting);
        await agent.UntilAsync(() => attempt.Lines("stdout").Count() >= 10);
        var template = JobProcesses.TemplateOf(agent.Data, attempt);
        JobProcesses.Kill(template);

        // One that dies with an order in its hands has that attempt given back, which this server would not grant again.
        await JobProcesses.GoneAsync(template);
        var next = await agent.RunAsync("def main():\n    print('next')\n");
        Assert.Equal("finished", next.End!.Outcome);
        Assert.Null(attempt.End);
        Go(agent.Data, attempt);
        await agent.UntilAsync(() => attempt.End is not null);
        Assert.Equal("finished", attempt.End!.Outcome);
        Assert.Equal(Counted, attempt.Lines("stdout"));
    }

    [Fact]
    public async Task A_worker_cut_off_ends_its_jobs_before_the_server_gives_them_away()
    {
        var brief = new Intervals(Renew: 0.1, ClaimWait: 5, Lease: 1, LostAfter: 2);
        await using var agent = await RunningAgent.StartAsync(brief);
        var attempt = agent.Server.Submit(JobProcesses.Endless);
        await agent.UntilAsync(() => attempt.Lines("stdout").Any());
        var supervisor = JobProcesses.SupervisorOf(agent.Data, attempt);
        agent.Server.IsDown = true;
        await JobProcesses.GoneAsync(supervisor);
        agent.Server.IsDown = false;
        await agent.UntilAsync(() => attempt.End is not null);
        Assert.Equal(("lost", "killed"), (attempt.End!.Outcome, attempt.End.Reason));
    }

    private static void Go(string data, ServerAttempt attempt) =>
        File.WriteAllText(Path.Combine(JobProcesses.FolderOf(data, attempt), "work", "go"), "");
}
