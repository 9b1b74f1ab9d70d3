using System.Reflection;
using Alidade.Worker.Processes;
using Alidade.Worker.Protocol;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker;

/// <summary>
/// A worker agent: claims attempts, lays them out, has them launched, follows them and reports. It is the same in its
/// own process and inside the server; its only way to the server is HTTP.
/// </summary>
/// <param name="say">Takes sentences for the person at the terminal.</param>
public sealed class WorkerAgent(WorkerOptions options, ILogger log, Action<string> say, TimeProvider time)
{
    /// <summary>What the agent calls itself towards the server.</summary>
    internal static string Version { get; } =
        typeof(WorkerAgent)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0]
        ?? "unknown";

    /// <summary>What the worker with this data folder is called; nobody else is, wherever the folder is shown.</summary>
    public static string NameIn(string folder) => WorkerFolder.NameIn(folder);

    /// <summary>Runs until asked to stop.</summary>
    /// <param name="drain">Claim nothing more, and wait a while for what runs.</param>
    /// <param name="leave">Do not wait: what still runs goes on, and the next start follows it again.</param>
    /// <exception cref="WorkerOptionsException">The options do not fit; lists every error.</exception>
    /// <exception cref="WorkerStoppedException">The agent cannot go on; the message says why.</exception>
    public async Task RunAsync(CancellationToken drain, CancellationToken leave = default)
    {
        if (WorkerOptionsValidator.Errors(options) is { Count: > 0 } errors)
        {
            throw new WorkerOptionsException(errors);
        }

        using var folder = WorkerFolder.Open(options.DataFolder);
        var backoff = new Backoff(time, Random.Shared);
        await using var template = new Template(options, options.Python, "own", backoff, time, log);
        try
        {
            var ready = await template.StartAsync(drain);
            var facts = new AgentFacts(folder.Name(), Levels(ready), ready.Python, ready.Executable);
            using var life = new AgentLife(options, folder, template, facts, backoff, log, say, time);
            await life.RunAsync(drain, leave);
        }
        catch (TemplateException e)
        {
            throw new WorkerStoppedException(e.Message, e);
        }
        catch (OperationCanceledException) when (drain.IsCancellationRequested)
        {
            // Asked to stop before it had begun.
        }
    }

    private string[] Levels(TemplateReady ready)
    {
        foreach (var note in ready.Notes ?? [])
        {
            log.TemplateNotes(note);
        }

        string[] levels =
        [
            .. ready
                .Levels.Where(level => IsolationLevels.Rank(level) >= IsolationLevels.Rank(options.HighestLevel))
                .Where(level => IsolationLevels.IsAtLeast(level, options.LowestLevel))
                .OrderBy(IsolationLevels.Rank),
        ];
        return levels.Length > 0
            ? levels
            : throw new WorkerOptionsException([
                $"Worker:LowestLevel: {options.LowestLevel} does not work here; what works is "
                    + $"{string.Join(", ", ready.Levels)}. {string.Join("; ", ready.Notes ?? [])}",
            ]);
    }
}

/// <summary>What an agent finds out about itself at its start.</summary>
internal sealed record AgentFacts(string Name, IReadOnlyList<string> Levels, string PythonVersion, string Executable)
{
    public string Python => $"{PythonVersion} ({Executable})";
}

/// <summary>The agent cannot go on, and starting it again alone will not help.</summary>
public sealed class WorkerStoppedException(string message, Exception? inner = null) : Exception(message, inner);
