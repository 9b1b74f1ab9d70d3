using Alidade.Worker.Attempts;
using Alidade.Worker.Processes;
using Alidade.Worker.Protocol;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Environments;

/// <summary>A template for each environment in use: the worker's own, and the few others that were used last.</summary>
internal sealed class Templates(
    WorkerOptions options,
    Template own,
    string ownPython,
    EnvironmentStore environments,
    RecordTeller records,
    Backoff backoff,
    TimeProvider time,
    ILogger log
)
{
    /// <summary>Beyond this the one that was not used for longest ends; its jobs do not.</summary>
    private const int MostKept = 8;

    private readonly Lock _gate = new();
    private readonly List<EnvironmentTemplate> _kept = [];
    private int _started;

    /// <summary>Has a supervisor run the attempt of a folder that is laid out.</summary>
    /// <param name="environment">What <see cref="PrepareAsync"/> gave.</param>
    public async Task<Launched> LaunchAsync(
        AttemptFolder folder,
        PreparedEnvironment environment,
        Isolation isolation,
        CancellationToken cancellation
    )
    {
        if (environment.IsCold || environment is { Python: null, Preloads.Count: 0 })
        {
            await records.TellAsync(environment.Parts, cancellation);
            return await own.LaunchAsync(folder.Path, isolation, records.TellAsync, cancellation);
        }

        var template = await Of(environment).Started.WaitAsync(cancellation);
        return await template.LaunchAsync(folder.Path, isolation, records.TellAsync, cancellation);
    }

    /// <param name="say">Takes lines for the job's log.</param>
    /// <returns>What the attempt's plugins ask for; null when they ask for nothing.</returns>
    /// <exception cref="EnvironmentException">It cannot be had.</exception>
    public Task<PreparedEnvironment>? PrepareAsync(
        AttemptFolder folder,
        Action<string> say,
        CancellationToken cancellation
    ) => EnvironmentLock.Of(folder) is { } wanted ? environments.GetAsync(wanted, say, cancellation) : null;

    /// <summary>Ends them all; the jobs they forked go on.</summary>
    public async Task EndAsync()
    {
        foreach (var kept in _kept)
        {
            await kept.DisposeAsync();
        }
    }

    private EnvironmentTemplate Of(PreparedEnvironment environment)
    {
        var python = environment.Python ?? ownPython;
        List<string> preloads = [.. options.Preloads.Union(environment.Preloads)];
        lock (_gate)
        {
            Retire(_kept.FindAll(kept => kept.Is(python, preloads) && kept.Started.IsFaulted));
            var found =
                _kept.Find(kept => kept.Is(python, preloads))
                ?? new EnvironmentTemplate(options, python, preloads, $"env-{++_started}", backoff, time, log);
            _kept.Remove(found);
            _kept.Add(found);
            Retire(_kept[..Math.Max(0, _kept.Count - MostKept)]);
            return found;
        }
    }

    private void Retire(List<EnvironmentTemplate> those)
    {
        foreach (var template in those)
        {
            _kept.Remove(template);
            _ = template.DisposeAsync().AsTask();
        }
    }
}
