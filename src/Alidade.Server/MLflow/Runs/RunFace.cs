using Alidade.Server.MLflow.Experiments;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Platform.Security;
using Alidade.Server.Runs;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.MLflow.Runs;

/// <summary>Runs in MLflow's words: their beginning, state and end.</summary>
public sealed class RunFace(Stores stores, RunReader reader, RunSignals signals)
{
    public async Task<IResult> CreateAsync(Caller caller, CreateRun request, CancellationToken cancellation)
    {
        var name = NameOf(request);
        foreach (var tag in request.Tags)
        {
            Keys.Check(tag.Key, "Tag name", "key");
        }

        var loaded = await stores.Core.WriteAsync(
            t =>
            {
                var run = caller.Attempt is { } attempt
                    ? JobRuns.Begin(t, caller, attempt, () => New(t, caller, request, name))
                    : New(t, caller, request, name);
                foreach (var tag in request.Tags)
                {
                    run = RunTags.Set(t, run, tag.Key, Keys.Fit(tag.Value ?? "", Keys.LongestTag));
                }

                run = RunTags.Set(t, run, RunTags.Name, name);
                return RunReader.Load(t, caller, [run]);
            },
            cancellation: cancellation
        );
        signals.Publish(loaded.Runs[0]);
        return MlflowJson.Answer(new { run = (await reader.AnswersAsync(loaded, cancellation))[0] });
    }

    public async Task<IResult> GetAsync(Caller caller, string id, CancellationToken cancellation)
    {
        var loaded = await stores.Core.ReadAsync(
            s => RunReader.Load(s, caller, [RunReader.Get(s, caller, id)]),
            cancellation
        );
        return MlflowJson.Answer(new { run = (await reader.AnswersAsync(loaded, cancellation))[0] });
    }

    public async Task<IResult> UpdateAsync(Caller caller, UpdateRun request, CancellationToken cancellation)
    {
        var end = Moments.Micros(request.EndTime, "end_time");
        var (changed, info) = await stores.Core.WriteAsync(
            t =>
            {
                var was = RunReader.GetActive(t, caller, request.RunId);
                var run = was;
                if (request.Status is { } status && status != default)
                {
                    run = run with
                    {
                        Status = ProtoEnum.Name(status),
                        Ended = status is RunStatus.Running or RunStatus.Scheduled ? null : run.Ended,
                    };
                }

                run = TrackedRuns.Change(t, caller, was, run with { Ended = end ?? run.Ended });
                if (!string.IsNullOrEmpty(request.RunName))
                {
                    run = RunTags.Set(t, run, RunTags.Name, request.RunName);
                }

                var experiment = RunReader.Load(t, caller, [run]).Experiments[run.Experiment];
                return (run, RunReader.Info(run, experiment));
            },
            cancellation: cancellation
        );
        signals.Publish(changed);
        return MlflowJson.Answer(new { run_info = info });
    }

    public async Task<IResult> SetDeletedAsync(Caller caller, string id, bool deleted, CancellationToken cancellation)
    {
        var moved = await stores.Core.WriteAsync(
            t =>
            {
                var run = RunReader.GetToChange(t, caller, id);
                if (deleted && run.Job is { } job)
                {
                    throw MlflowException.Invalid($"Run {id} belongs to job {job}. Delete the job instead.");
                }

                if (!deleted && run.JobDeleted is not null)
                {
                    throw MlflowException.Invalid(
                        $"Run {id} went with job {run.Job}, which was deleted; a job cannot be restored."
                    );
                }

                if (!deleted)
                {
                    TrackedRuns.RequireExperiment(t, caller, run);
                }

                RunStore.SetDeleted(t, id, deleted);
                return run;
            },
            cancellation: cancellation
        );
        signals.Publish(moved, deleted);
        return MlflowJson.Empty();
    }

    private static RunRow New(ITransaction t, Caller caller, CreateRun request, string name)
    {
        var experiment = ExperimentIds.GetActive(t, caller, request.ExperimentId ?? ExperimentIds.Default);
        var id = Guid.NewGuid().ToString("N");
        return TrackedRuns.Create(
            t,
            caller,
            new RunRow
            {
                Id = id,
                Experiment = experiment.Id,
                GroupId = experiment.GroupId,
                Name = name,
                Status = ProtoEnum.Name(RunStatus.Running),
                Created = t.Now,
                Started = Moments.Micros(request.StartTime, "start_time") ?? t.Now,
                ClaimedUser = request.UserId,
                ArtifactRoot = experiment.ArtifactLocation is { } root ? $"{root.TrimEnd('/')}/{id}/artifacts" : null,
            }
        );
    }

    /// <summary>The name that was given, by itself or as a tag, or a new one.</summary>
    private static string NameOf(CreateRun request)
    {
        var tagged = request.Tags.LastOrDefault(t => t.Key == RunTags.Name)?.Value;
        if (request.RunName is { Length: > 0 } given && tagged is { Length: > 0 } && given != tagged)
        {
            throw MlflowException.Invalid(
                "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values "
                    + $"(run_name='{given}', mlflow.runName='{tagged}')."
            );
        }

        return request.RunName is { Length: > 0 } name ? name
            : tagged is { Length: > 0 } ? tagged
            : RunNames.New();
    }
}
