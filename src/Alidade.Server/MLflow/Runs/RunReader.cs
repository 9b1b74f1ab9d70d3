using System.Text.Json;
using Alidade.Server.Experiments;
using Alidade.Server.Metrics;
using Alidade.Server.MLflow.Experiments;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Platform.Security;
using Alidade.Server.Runs;
using Alidade.Storage.Metrics;
using Alidade.Storage.Runs;

namespace Alidade.Server.MLflow.Runs;

/// <summary>Runs as MLflow shows them; what belongs to many of them is read at once.</summary>
public sealed class RunReader(RunMetrics metrics)
{
    /// <summary>Runs with what core knows of them.</summary>
    internal sealed record Loaded(
        IReadOnlyList<RunRow> Runs,
        IReadOnlyDictionary<long, TrackedExperiment> Experiments,
        ILookup<string, NamedValue> Parameters,
        ILookup<string, NamedValue> Tags,
        ILookup<string, RunInputRow> Inputs,
        ILookup<string, RunModelRow> Models
    );

    /// <exception cref="MlflowException">There is none that the caller may see.</exception>
    internal static RunRow Get(ISession s, Caller caller, string id) => Seen(RunStore.Find(s, id), caller, id);

    /// <summary>As <see cref="Get"/>, to be changed by a contributor; a running job changes no runs but its own.</summary>
    internal static RunRow GetToChange(ISession s, Caller caller, string id) =>
        ToChange(RunStore.Find(s, id), caller, id);

    /// <summary>As <see cref="GetToChange"/>, refusing one that is deleted.</summary>
    internal static RunRow GetActive(ISession s, Caller caller, string id) => Active(RunStore.Find(s, id), caller, id);

    /// <summary>As <see cref="GetActive"/>, of one that was read before.</summary>
    internal static RunRow Active(RunRow? found, Caller caller, string id)
    {
        var run = ToChange(found, caller, id);
        return !run.IsDeleted
            ? run
            : throw MlflowException.Invalid($"The run {id} must be in the 'active' state. Current state is deleted.");
    }

    private static RunRow ToChange(RunRow? found, Caller caller, string id)
    {
        var run = Seen(found, caller, id);
        caller.Require(run.GroupId, Role.Contributor);
        return caller.Attempt is not { } attempt || run.Job == attempt.Job
            ? run
            : throw new MlflowException(
                ErrorCodes.PermissionDenied,
                $"Run {id} is none of job {attempt.Job}, which may change its own runs only."
            );
    }

    private static RunRow Seen(RunRow? found, Caller caller, string id) =>
        TrackedRuns.Visible(found, caller) ?? throw MlflowException.Missing($"Run with id={id} not found");

    internal static Loaded Load(ISession s, Caller caller, IReadOnlyList<RunRow> runs)
    {
        string[] ids = [.. runs.Select(r => r.Id)];
        var experiments = TrackedExperiments.FindMany(s, caller, [.. runs.Select(r => r.Experiment).Distinct()]);
        return new Loaded(
            runs,
            experiments.ToDictionary(e => e.Id),
            RunStore.Parameters(s, ids).ToLookup(v => v.Run),
            RunStore.Tags(s, ids).ToLookup(v => v.Run),
            RunInputs.Of(s, ids).ToLookup(i => i.Run),
            RunInputs.Models(s, ids).ToLookup(m => m.Run)
        );
    }

    internal async Task<IReadOnlyList<RunAnswer>> AnswersAsync(Loaded loaded, CancellationToken cancellation)
    {
        var last = await metrics.LastAsync(loaded.Runs.Select(r => r.Id), cancellation);
        return [.. loaded.Runs.Select(run => View(loaded, run, last[run.Id]))];
    }

    internal static RunInfo InfoOf(ISession s, Caller caller, RunRow run) =>
        Info(run, TrackedExperiments.Find(s, caller, run.Experiment)!);

    internal static RunInfo Info(RunRow run, TrackedExperiment experiment) =>
        new(
            run.Id,
            run.Id,
            run.Name ?? (run.Job is { } job ? $"job-{ExperimentIds.Text(job)}" : run.Id[..8]),
            ExperimentIds.Of(experiment),
            run.ClaimedUser ?? "",
            run.Status,
            run.Started / 1000,
            run.Ended / 1000,
            run.ArtifactRoot ?? $"{ExperimentIds.Here(run.GroupId)}/{run.Id}/artifacts",
            run.IsDeleted ? "deleted" : "active"
        );

    private static RunAnswer View(Loaded loaded, RunRow run, IEnumerable<SeriesSummary> last) =>
        new(
            Info(run, loaded.Experiments[run.Experiment]),
            new RunData(
                [.. last.Select(m => new MetricAnswer(m.Name, m.Last, m.LastTime / 1000, m.LastStep))],
                Pairs(loaded.Parameters[run.Id]),
                Pairs(loaded.Tags[run.Id])
            ),
            new RunInputsAnswer(
                [.. loaded.Inputs[run.Id].Select(DatasetInput)],
                [.. loaded.Models[run.Id].Where(m => m.Role == "input").Select(m => new ModelInputAnswer(m.Model))]
            ),
            new RunOutputsAnswer([
                .. loaded
                    .Models[run.Id]
                    .Where(m => m.Role == "output")
                    .Select(m => new ModelOutputAnswer(m.Model, m.Step)),
            ])
        );

    private static DatasetInputAnswer DatasetInput(RunInputRow input) =>
        new(
            [
                .. JsonSerializer
                    .Deserialize<Dictionary<string, string>>(input.Tags)!
                    .Select(t => new KeyValue(t.Key, t.Value)),
            ],
            new DatasetAnswer(input.Name, input.Digest, input.SourceType, input.Source, input.Fields, input.Profile)
        );

    private static IReadOnlyList<KeyValue> Pairs(IEnumerable<NamedValue> values) =>
        [.. values.Select(v => new KeyValue(v.Name, v.Value))];
}
