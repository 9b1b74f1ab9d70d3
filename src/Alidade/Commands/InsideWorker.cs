using Alidade.Server.Configuration;
using Alidade.Server.Workers;
using Alidade.Worker;

namespace Alidade.Commands;

/// <summary>The worker inside the server: the same agent as any other, and its way to the server is HTTP too.</summary>
internal static partial class InsideWorker
{
    /// <summary>Runs until drained. A worker that cannot run is said, and the server serves without it.</summary>
    public static async Task RunAsync(
        RunningServer server,
        ServerOptions options,
        CancellationToken drain,
        CancellationToken leave
    )
    {
        var services = server.Services;
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger<WorkerAgent>();
        try
        {
            var token = await services
                .GetRequiredService<WorkerTokenService>()
                .IssueEmbeddedAsync(WorkerAgent.NameIn(Folder(server)), drain);
            var time = services.GetRequiredService<TimeProvider>();
            var agent = new WorkerAgent(Options(server, options, token), log, Console.WriteLine, time);
            await agent.RunAsync(drain, leave);
        }
        catch (Exception e) when (e is WorkerOptionsException or WorkerStoppedException)
        {
            await Console.Error.WriteLineAsync($"The worker inside does not run: {e.Message}");
        }
        catch (OperationCanceledException) when (drain.IsCancellationRequested)
        {
            // Asked to stop before it had begun.
        }
        catch (Exception e)
        {
            // The server is of use without a worker, and must not end with it.
            Failed(log, e);
        }
    }

    [LoggerMessage(1, LogLevel.Critical, "The worker inside has failed; restart the server to have one again")]
    private static partial void Failed(ILogger log, Exception exception);

    private static string Folder(RunningServer server) => Path.Combine(server.Data, "worker");

    private static WorkerOptions Options(RunningServer server, ServerOptions options, string token)
    {
        var wanted = options.Worker;
        var defaults = new WorkerOptions
        {
            Server = server.Address,
            Token = token,
            DataFolder = Folder(server),
        };
        return new WorkerOptions
        {
            Server = defaults.Server,
            Token = defaults.Token,
            DataFolder = defaults.DataFolder,
            Slots = wanted.Slots > 0 ? wanted.Slots : defaults.Slots,
            Python = wanted.Python.Length > 0 ? wanted.Python : defaults.Python,
            Wheels = wanted.Wheels.Length > 0 ? Path.GetFullPath(wanted.Wheels) : null,
            Preloads = wanted.Preload,
            DataFolders = NamedValues.Paths(wanted.DataFolders),
            DataRoots = [.. wanted.DataRoots.Select(Path.GetFullPath)],
            HighestLevel = wanted.Isolation.Length > 0 ? wanted.Isolation : defaults.HighestLevel,
            Network = wanted.Network,
            AllowUnsandboxed = wanted.AllowUnsandboxed,
            // Another server over the same database could give its jobs away.
            SharesFate = options.Store.Postgres is not { Length: > 0 },
        };
    }
}
