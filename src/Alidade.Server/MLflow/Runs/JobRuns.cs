using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Platform.Security;
using Alidade.Server.Runs;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.MLflow.Runs;

/// <summary>Runs that a running job begins. A script that begins one run, as most do, begins the job's own.</summary>
internal static class JobRuns
{
    /// <summary>The attempt that has begun the job's own run; each attempt may, once.</summary>
    private const string BegunBy = "alidade.attempt";

    /// <param name="make">Makes a new run, which becomes a part of the job's own.</param>
    public static RunRow Begin(ITransaction t, Caller caller, CallerAttempt attempt, Func<RunRow> make)
    {
        // The end of a job ends its runs, so that none may begin after it.
        if (!JobRow.GoesOn(t, attempt.Job))
        {
            throw MlflowException.Invalid($"Job {attempt.Job} has ended.");
        }

        var own = RunReader.Get(t, caller, attempt.Run);
        var id = Experiments.ExperimentIds.Text(attempt.Id);
        if (RunStore.Tag(t, own.Id, BegunBy) == id)
        {
            var made = make();
            return TrackedRuns.Change(t, caller, made, made with { Job = attempt.Job, Parent = own.Id });
        }

        RunStore.SetTag(t, own.Id, BegunBy, id);
        return own;
    }
}
