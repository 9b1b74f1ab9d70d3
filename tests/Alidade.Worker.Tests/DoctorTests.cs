using Alidade.Engine.Protocol;
using Alidade.Testing;
using Alidade.Worker.Doctor;
using Alidade.Worker.Tests.Fakes;

namespace Alidade.Worker.Tests;

/// <summary>What is wrong is said, each thing with its fix.</summary>
public sealed class DoctorTests
{
    [Fact]
    public async Task A_worker_that_lacks_nothing_is_told_so_and_is_not_registered()
    {
        using var folder = new TemporaryFolder();
        await using var server = await FakeServer.StartAsync();
        var findings = await ExamineAsync(AgentProcess.Options(server.Address, folder.Path));

        Assert.Equal(
            ["server", "clock", "token", "folder", "disk", "resources", "python", "environments", "isolation"],
            findings.Select(finding => finding.Subject)
        );
        Assert.All(findings.Take(4), finding => Assert.Equal(Health.Good, finding.Health));
        Assert.Contains("the queues q*", findings[2].Message, StringComparison.Ordinal);
        Assert.All(findings, finding => Assert.Equal(finding.Health is Health.Good, finding.Fix is null));
        Assert.Empty(server.Registrations);
    }

    [Fact]
    public void Resources_that_the_machine_does_not_have_are_named()
    {
        var finding = ResourceExamination.Compare(
            new WorkerResources(2, 1L << 30, 4),
            new WorkerResources(2, 8L << 30, 0)
        );

        Assert.Equal(Health.Fair, finding.Health);
        Assert.Contains("1 GiB of memory and 4 GPUs, but this machine has", finding.Message, StringComparison.Ordinal);
        Assert.Contains("8 GiB of memory and 0 GPUs", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_runs_over_the_folder_is_not_disturbed()
    {
        await using var agent = await RunningAgent.StartAsync();
        await agent.UntilAsync(() => !agent.Server.Registrations.IsEmpty);

        var findings = await ExamineAsync(AgentProcess.Options(agent.Server.Address, agent.Data));

        Assert.Contains("a worker runs", Of(findings, "folder").Message, StringComparison.Ordinal);
        Assert.Equal("finished", (await agent.RunAsync("def main(): pass")).End!.Outcome);
        Assert.Single(agent.Server.Registrations);
    }

    [Fact]
    public async Task Token_interpreter_folder_and_server_each_have_their_fix()
    {
        using var folder = new TemporaryFolder();
        await using var server = await FakeServer.StartAsync();
        server.RefusesToken = true;
        var taken = folder.Sub("file");
        await File.WriteAllTextAsync(taken, "");

        var wrong = await ExamineAsync(AgentProcess.Options(server.Address, taken, python: "/bin/false"));
        Assert.Contains("worker-token create", Of(wrong, "token").Fix, StringComparison.Ordinal);
        Assert.Contains("--data", Of(wrong, "folder").Fix, StringComparison.Ordinal);
        Assert.Equal(Health.Bad, Of(wrong, "python").Health);

        var none = await ExamineAsync(AgentProcess.Options(server.Address, folder.Path, token: ""));
        Assert.Contains("ALIDADE_TOKEN", Of(none, "token").Fix, StringComparison.Ordinal);
        Assert.Equal(Health.Good, Of(none, "folder").Health);

        server.RefusesToken = false;
        var idle = await ExamineAsync(AgentProcess.Options(server.Address, folder.Path, queue: "other"));
        Assert.Contains("--queue 'other'", Of(idle, "queue").Fix, StringComparison.Ordinal);

        server.Allowed = [""];
        var useless = await ExamineAsync(AgentProcess.Options(server.Address, folder.Path));
        Assert.Equal(Health.Bad, Of(useless, "token").Health);
        Assert.Contains("'test' allows no queue", Of(useless, "token").Message, StringComparison.Ordinal);

        var lost = await ExamineAsync(AgentProcess.Options("http://127.0.0.1:9", folder.Path));
        Assert.Equal(Health.Bad, Of(lost, "server").Health);
        Assert.DoesNotContain(lost, finding => finding.Subject == "token");
    }

    [Fact]
    public async Task A_wrong_option_hides_nothing_else_that_is_wrong()
    {
        using var folder = new TemporaryFolder();
        await using var server = await FakeServer.StartAsync();
        server.RefusesToken = true;
        var options = AgentProcess.Options(server.Address, folder.Path, wheels: "/nosuch", python: "/nosuch");

        var findings = await ExamineAsync(options);

        Assert.Contains("'/nosuch' is no folder", Of(findings, "options").Message, StringComparison.Ordinal);
        Assert.Contains("worker-token create", Of(findings, "token").Fix, StringComparison.Ordinal);
        Assert.Equal(Health.Good, Of(findings, "folder").Health);
        Assert.Contains("--python", Of(findings, "python").Fix, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clock_that_is_wrong_is_named_with_its_error()
    {
        using var folder = new TemporaryFolder();
        await using var server = await FakeServer.StartAsync();
        var late = new FakeTime(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var http = new HttpClient { BaseAddress = new Uri(server.Address) };
        var options = AgentProcess.Options(server.Address, folder.Path);

        var clock = Of(await new ServerExamination(http, options, late).RunAsync(CancellationToken.None), "clock");

        Assert.Equal(Health.Fair, clock.Health);
        Assert.Contains("behind the server's", clock.Message, StringComparison.Ordinal);
    }

    private static Task<IReadOnlyList<Finding>> ExamineAsync(WorkerOptions options) =>
        new WorkerDoctor(options, TimeProvider.System).ExamineAsync(CancellationToken.None);

    private static Finding Of(IReadOnlyList<Finding> findings, string subject) =>
        Assert.Single(findings, finding => finding.Subject == subject);
}
