using Alidade.Server.Experiments;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.MLflow.Experiments;

/// <summary>Experiments in MLflow's words.</summary>
public sealed class ExperimentFace(Stores stores)
{
    private const int LongestName = 500;
    private const int LongestLocation = 2048;

    public Task<IResult> CreateAsync(Caller caller, CreateExperiment request, CancellationToken cancellation)
    {
        Keys.CheckLength(request.Name, "name", LongestName);
        CheckLocation(request.ArtifactLocation);
        foreach (var tag in request.Tags)
        {
            CheckTag(tag.Key, tag.Value);
        }

        return WriteAsync(
            t =>
            {
                RequireFree(t, caller, request.Name);
                var location = string.IsNullOrEmpty(request.ArtifactLocation) ? null : request.ArtifactLocation;
                var id = TrackedExperiments.Create(t, caller, request.Name, location);
                var made = TrackedExperiments.Find(t, caller, id)!;
                foreach (var tag in request.Tags)
                {
                    TrackedExperiments.SetTag(t, caller, made, tag.Key, tag.Value ?? "");
                }

                return MlflowJson.Answer(new { experiment_id = ExperimentIds.Of(made) });
            },
            cancellation
        );
    }

    public Task<IResult> GetAsync(Caller caller, string id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => Answer(s, ExperimentIds.Get(s, caller, id)), cancellation);

    public Task<IResult> GetByNameAsync(Caller caller, string name, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
                Answer(
                    s,
                    ExperimentIds.FindByName(s, caller, name)
                        ?? throw MlflowException.Missing($"Could not find experiment with name '{name}'")
                ),
            cancellation
        );

    public Task<IResult> RenameAsync(Caller caller, UpdateExperiment request, CancellationToken cancellation)
    {
        Keys.CheckLength(request.NewName, "name", LongestName);
        return WriteAsync(
            t =>
            {
                var found = ExperimentIds.GetToChange(t, caller, request.ExperimentId);
                if (found.Deleted is not null)
                {
                    throw MlflowException.Invalid("Cannot rename a non-active experiment. Restore it first.");
                }

                if (found.Name != request.NewName)
                {
                    RequireFree(t, caller, request.NewName);
                    TrackedExperiments.Rename(t, caller, found, request.NewName);
                }

                return MlflowJson.Empty();
            },
            cancellation
        );
    }

    public Task<IResult> DeleteAsync(Caller caller, string id, CancellationToken cancellation) =>
        WriteAsync(
            t =>
            {
                var found = ExperimentIds.GetToChange(t, caller, id);
                if (found.Deleted is not null)
                {
                    throw MlflowException.Missing($"No Experiment with id={id} exists");
                }

                TrackedExperiments.Delete(t, caller, found);
                return MlflowJson.Empty();
            },
            cancellation
        );

    public Task<IResult> RestoreAsync(Caller caller, string id, CancellationToken cancellation) =>
        WriteAsync(
            t =>
            {
                var found = ExperimentIds.GetToChange(t, caller, id);
                if (found.Deleted is null)
                {
                    throw MlflowException.Missing($"No deleted Experiment with id={id} exists");
                }

                if (ExperimentIds.FindByName(t, caller, found.Name) is { Deleted: null, Id: > 0 } holder)
                {
                    throw MlflowException.Exists(
                        $"Experiment(name={found.Name}) already exists, with id={ExperimentIds.Of(holder)}. Rename that one, then restore this."
                    );
                }

                TrackedExperiments.Restore(t, caller, found);
                return MlflowJson.Empty();
            },
            cancellation
        );

    public Task<IResult> SetTagAsync(Caller caller, SetExperimentTag request, CancellationToken cancellation)
    {
        CheckTag(request.Key, request.Value);
        return WriteAsync(
            t =>
            {
                var found = ExperimentIds.GetActive(t, caller, request.ExperimentId);
                TrackedExperiments.SetTag(t, caller, found, request.Key, request.Value ?? "");
                return MlflowJson.Empty();
            },
            cancellation
        );
    }

    public Task<IResult> DeleteTagAsync(Caller caller, DeleteExperimentTag request, CancellationToken cancellation) =>
        WriteAsync(
            t =>
            {
                var found = ExperimentIds.GetActive(t, caller, request.ExperimentId);
                return TrackedExperiments.DeleteTag(t, caller, found, request.Key)
                    ? MlflowJson.Empty()
                    : throw MlflowException.Missing(
                        $"No tag with name: {request.Key} in experiment with id {request.ExperimentId}"
                    );
            },
            cancellation
        );

    internal static ExperimentAnswer View(TrackedExperiment experiment, IEnumerable<NamedValue> tags) =>
        new(
            ExperimentIds.Of(experiment),
            experiment.Name,
            ExperimentIds.Location(experiment),
            experiment.Deleted is null ? "active" : "deleted",
            Math.Max(experiment.Modified, experiment.Deleted ?? 0) / 1000,
            experiment.Created / 1000,
            [.. tags.Select(t => new KeyValue(t.Name, t.Value))]
        );

    private static IResult Answer(ISession s, TrackedExperiment experiment) =>
        MlflowJson.Answer(
            new { experiment = View(experiment, TrackedExperiments.Tags(s, [experiment.Id])[experiment.Id]) }
        );

    private static void RequireFree(ISession s, Caller caller, string name)
    {
        if (ExperimentIds.FindByName(s, caller, name) is { } taken)
        {
            throw MlflowException.Exists(
                $"Experiment(name={name}) already exists."
                    + (
                        taken.Deleted is null
                            ? ""
                            : $" It is deleted: restore experiment {ExperimentIds.Of(taken)}, or choose another name."
                    )
            );
        }
    }

    private static void CheckTag(string key, string? value)
    {
        Keys.Check(key, "Tag name", "key");
        Keys.CheckLength(value ?? "", "Tag value", Keys.LongestExperimentTag);
    }

    private static void CheckLocation(string? location)
    {
        if (string.IsNullOrEmpty(location))
        {
            return;
        }

        Keys.CheckLength(location, "artifact_location", LongestLocation);
        var path = location.Split('?', '#')[0];
        if (
            location.Contains('#', StringComparison.Ordinal)
            || location.StartsWith("runs:/", StringComparison.OrdinalIgnoreCase)
            || path.Split('/').Contains("..")
            || location.Any(char.IsControl)
        )
        {
            throw MlflowException.Invalid(
                $"Invalid artifact location: {location}. Leave it out to keep the files here, or give the address of a store that clients reach themselves."
            );
        }
    }

    private Task<IResult> WriteAsync(Func<ITransaction, IResult> work, CancellationToken cancellation) =>
        stores.Core.WriteAsync(work, cancellation: cancellation);
}
