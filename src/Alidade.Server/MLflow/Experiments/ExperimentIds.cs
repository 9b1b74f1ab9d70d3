using System.Globalization;
using Alidade.Server.Experiments;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.MLflow.Experiments;

/// <summary>
/// Experiments by their id on the wire. The default experiment is <c>0</c> there, before it exists and after: it is made
/// when something is first written to it.
/// </summary>
internal static class ExperimentIds
{
    public const string Default = "0";

    private static readonly TrackedExperiment Unused = new() { Name = TrackedExperiments.DefaultName };

    /// <exception cref="MlflowException">There is none that the caller may see.</exception>
    public static TrackedExperiment Get(ISession s, Caller caller, string id) =>
        Find(s, caller, id) ?? throw MlflowException.Missing($"No Experiment with id={id} exists");

    public static TrackedExperiment? Find(ISession s, Caller caller, string id) =>
        id == Default ? TrackedExperiments.FindDefault(s, caller) ?? Unused
        : long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && TrackedExperiments.Find(s, caller, number) is { Purged: null } found
            ? found
        : null;

    public static TrackedExperiment? FindByName(ISession s, Caller caller, string name) =>
        TrackedExperiments.FindByName(s, caller, name) ?? (name == TrackedExperiments.DefaultName ? Unused : null);

    /// <summary>As <see cref="Get"/>, making the default experiment if it is the first time that it is written to.</summary>
    public static TrackedExperiment GetToChange(ITransaction t, Caller caller, string id)
    {
        var found = Get(t, caller, id);
        if (found.Id != 0)
        {
            caller.Require(found.GroupId, Role.Contributor);
            return found;
        }

        var made = TrackedExperiments.Create(t, caller, TrackedExperiments.DefaultName, artifactLocation: null);
        return TrackedExperiments.Find(t, caller, made)!;
    }

    /// <summary>As <see cref="GetToChange"/>, refusing one that is deleted.</summary>
    public static TrackedExperiment GetActive(ITransaction t, Caller caller, string id)
    {
        var found = GetToChange(t, caller, id);
        return found.Deleted is null
            ? found
            : throw MlflowException.Invalid(
                $"The experiment {id} must be in the 'active' state. Current state is deleted."
            );
    }

    public static string Of(TrackedExperiment experiment) => experiment.IsDefault ? Default : Text(experiment.Id);

    /// <summary>Where its files are: here, below the group that owns them, unless its client keeps them elsewhere.</summary>
    public static string Location(TrackedExperiment experiment) =>
        experiment.ArtifactLocation?.TrimEnd('/') ?? Here(experiment.GroupId);

    public static string Here(long group) => $"mlflow-artifacts:/{Text(group)}";

    public static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
