using Alidade.Testing;

namespace Alidade.Worker.Tests.Fakes;

/// <summary>A server and an agent in this process, from the agent's start to its orderly end.</summary>
internal sealed class RunningAgent : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _drain = new();
    private readonly CancellationTokenSource _leave = new();

    private RunningAgent(FakeServer server) => Server = server;

    public FakeServer Server { get; }

    public string Data => _folder.Path;

    public Task Ended { get; private set; } = Task.CompletedTask;

    public List<string> Said { get; } = [];

    public static async Task<RunningAgent> StartAsync(
        Alidade.Engine.Protocol.Intervals? intervals = null,
        Func<string, string, WorkerOptions>? options = null
    )
    {
        var agent = new RunningAgent(await FakeServer.StartAsync(intervals));
        var chosen = (options ?? ((server, data) => AgentProcess.Options(server, data)))(
            agent.Server.Address,
            agent.Data
        );
        var worker = new WorkerAgent(chosen, Logs.ToErrors, agent.Said.Add, TimeProvider.System);
        agent.Ended = worker.RunAsync(agent._drain.Token, agent._leave.Token);
        return agent;
    }

    public void Drain() => _drain.Cancel();

    public void Leave() => _leave.Cancel();

    /// <summary>Waits for something at the server, or fails with the agent.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        var happened = Server.UntilAsync(condition);
        if (await Task.WhenAny(happened, Ended) == Ended)
        {
            await Ended;
        }

        await happened;
    }

    public async Task<ServerAttempt> RunAsync(string code, params string[] plugins)
    {
        var attempt = Server.Submit(code, plugins);
        await UntilAsync(() => attempt.End is not null);
        return attempt;
    }

    public async ValueTask DisposeAsync()
    {
        await _drain.CancelAsync();
        await _leave.CancelAsync();
        await Ended.ContinueWith(_ => { }, TaskScheduler.Default);
        await Server.DisposeAsync();
        _folder.Dispose();
        _drain.Dispose();
        _leave.Dispose();
    }
}
