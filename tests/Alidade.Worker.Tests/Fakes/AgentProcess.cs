using System.Diagnostics;
using System.Reflection;

namespace Alidade.Worker.Tests.Fakes;

/// <summary>A worker agent in its own process, killed without warning when it is disposed.</summary>
internal sealed class AgentProcess : IDisposable
{
    private readonly Process _process;

    private AgentProcess(Process process) => _process = process;

    public static AgentProcess Start(FakeServer server, string data, bool sharesFate = false)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!);
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(AgentProcess).Assembly.Location);
        }

        start.ArgumentList.Add("agent");
        start.ArgumentList.Add(server.Address);
        start.ArgumentList.Add(data);
        start.ArgumentList.Add($"{sharesFate}");
        return new AgentProcess(Process.Start(start)!);
    }

    /// <summary>What the process does.</summary>
    public static async Task<int> MainAsync(string server, string data, bool sharesFate)
    {
        var options = Options(server, data, sharesFate: sharesFate);
        var agent = new WorkerAgent(options, Logs.ToErrors, _ => { }, TimeProvider.System);
        await agent.RunAsync(CancellationToken.None);
        return 0;
    }

    public static WorkerOptions Options(
        string server,
        string data,
        int slots = 2,
        string best = "L1",
        string? wheels = null,
        string python = "/usr/bin/python3",
        string token = FakeServer.Token,
        string queue = "q",
        bool sharesFate = false
    ) =>
        new()
        {
            Server = new Uri(server),
            Token = token,
            Queues = [queue],
            Slots = slots,
            HighestLevel = best,
            Wheels = wheels,
            Python = python,
            DataFolder = data,
            PythonPackage = Package,
            SharesFate = sharesFate,
        };

    public static string Package { get; } =
        typeof(AgentProcess)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(data => data.Key == "PythonPackage")
            .Value!;

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
