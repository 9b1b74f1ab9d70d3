using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Server.Jobs;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Runs;

/// <summary>What a job's run records beside numbers and lines.</summary>
public sealed class RunService(Stores stores)
{
    /// <summary>All steps of the plan in its order, with what is known of each.</summary>
    public Task<IReadOnlyList<StepView>> StepsAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync<IReadOnlyList<StepView>>(
            s =>
            {
                JobReader.Get(s, caller, id);
                var detail = JobReader.Detail(s, id);
                var known = RunStore.Steps(s, detail.Run).ToDictionary(step => step.Name);
                return detail.Plan is null ? [] : [.. Planned(detail.Plan).Select(p => View(p, known))];
            },
            cancellation
        );

    public Task<IReadOnlyList<ResultView>> ResultsAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync<IReadOnlyList<ResultView>>(
            s =>
            {
                JobReader.Get(s, caller, id);
                return
                [
                    .. RunStore
                        .Results(s, JobReader.Run(s, id))
                        .Select(r => new ResultView(r.Name, JsonNode.Parse(r.Value))),
                ];
            },
            cancellation
        );

    /// <summary>The run a client gave the job, else its own once it has begun.</summary>
    /// <param name="experiment">Where the job must be; null for anywhere.</param>
    public Task<MlflowRunView> MlflowRunAsync(
        Caller caller,
        long? experiment,
        long id,
        CancellationToken cancellation
    ) =>
        stores.Core.ReadAsync(
            s =>
            {
                var job = experiment is { } e ? JobReader.Get(s, caller, e, id) : JobReader.Get(s, caller, id);
                var own = job.Attempts > 0 ? JobReader.Run(s, id) : null;
                return new MlflowRunView(RunStore.Alias(s, id) ?? own);
            },
            cancellation
        );

    /// <summary>Once for a job. A run that is known here must be of the job's group: its artifacts become the job's.</summary>
    /// <param name="experiment">Where the job must be; null for anywhere.</param>
    public Task<MlflowRunView> SetMlflowRunAsync(
        Caller caller,
        long? experiment,
        long id,
        string run,
        CancellationToken cancellation
    ) =>
        stores.Core.WriteAsync(
            tx =>
            {
                var job = experiment is { } e ? JobReader.Get(tx, caller, e, id) : JobReader.Get(tx, caller, id);
                caller.Require(job.GroupId, Role.Contributor);
                var alias = Guid.Parse(run).ToString("N");
                var known = RunStore.Find(tx, alias);
                if (known is not null && known.GroupId != job.GroupId)
                {
                    throw new NotFoundException("run", ("mlflow_run_id", alias));
                }

                if (!RunStore.SetAlias(tx, id, alias))
                {
                    throw new RefusedException(
                        "JobMlflowRunAlreadySetError",
                        "The requested job already has an mlflow run id set. It may not be changed."
                    );
                }

                if (known is not null)
                {
                    TrackedRuns.Adopt(tx, known, id);
                }

                Audit.Write(tx, caller, "mlflowRun", "job", id, alias);
                return new MlflowRunView(alias);
            },
            cancellation: cancellation
        );

    private static StepView View(PlannedStep step, Dictionary<string, StepRow> known) =>
        known.TryGetValue(step.Name, out var row)
            ? new StepView(step.Name, step.Task, row.State, row.Started, row.Ended, step.After, row.Error)
            : new StepView(step.Name, step.Task, "waiting", null, null, step.After, null);

    private static IReadOnlyList<PlannedStep> Planned(string plan) =>
        JsonSerializer.Deserialize<Plan>(plan, JsonSerializerOptions.Web)!.Steps;

    /// <summary>The part of <c>plan.json</c> that a drawing of the graph needs.</summary>
    private sealed record Plan(IReadOnlyList<PlannedStep> Steps);

    private sealed record PlannedStep(string Name, string Task, IReadOnlyList<string> After);
}
