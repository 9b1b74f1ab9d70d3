using Alidade.Server.Experiments;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Runs;

/// <summary>
/// Runs that clients keep themselves, beside the own runs of jobs. Each method is a part of its caller's transaction.
/// </summary>
public static class TrackedRuns
{
    /// <summary>A run the caller may see, deleted or not.</summary>
    public static RunRow? Find(ISession s, Caller caller, string id) => Visible(RunStore.Find(s, id), caller);

    /// <summary>As <see cref="Find"/>, of one that was read before.</summary>
    public static RunRow? Visible(RunRow? run, Caller caller) =>
        run is not null && caller.Groups.ContainsKey(run.GroupId) ? run : null;

    /// <summary>As <see cref="Find"/>, for routes of our own.</summary>
    public static RunRow Get(ISession s, Caller caller, string id) =>
        Find(s, caller, id) ?? throw new NotFoundException("run", ("run_id", id));

    /// <summary>A run that the caller may write to: not in the trash, and for a running job one of its own.</summary>
    public static RunRow GetToChange(ISession s, Caller caller, string id)
    {
        var run = Get(s, caller, id);
        caller.Require(run.GroupId, Role.Contributor);
        if (caller.Attempt is { } attempt && run.Job != attempt.Job)
        {
            throw new ForbiddenException(
                "AttemptScopeError",
                $"Run {id} is none of job {attempt.Job}, which may change its own runs only."
            );
        }

        return !run.IsDeleted
            ? run
            : throw new RefusedException(
                "RunDeletedError",
                run.JobDeleted is null
                    ? $"Run {id} is in the trash. Restore it first."
                    : $"Run {id} went with job {run.Job}, which was deleted."
            );
    }

    /// <summary>A run goes with its experiment, and comes back after it.</summary>
    public static void RequireExperiment(ISession s, Caller caller, RunRow run)
    {
        if (TrackedExperiments.Find(s, caller, run.Experiment) is not { Deleted: null })
        {
            throw new RefusedException(
                "ExperimentDeletedError",
                $"Its experiment {run.Experiment} is in the trash too. Restore that first."
            );
        }
    }

    /// <summary>32 hexadecimal digits, lower case.</summary>
    public static bool IsId(string text) => text.Length == 32 && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Begins a run. A job that a client has promised this id to has it from now on.</summary>
    public static RunRow Create(ITransaction t, Caller caller, RunRow run)
    {
        caller.Require(run.GroupId, Role.Contributor);
        var made = run with { UserId = caller.UserId, Job = run.Job ?? RunStore.JobOfAlias(t, run.Id) };
        RunStore.Insert(t, made);
        return made;
    }

    /// <summary>The run is shown with the job from now on, if it stood alone until now.</summary>
    public static void Adopt(ITransaction t, RunRow run, long job)
    {
        if (run.Job is null)
        {
            RunStore.Update(t, run, run with { Job = job });
        }
    }

    public static RunRow Change(ITransaction t, Caller caller, RunRow was, RunRow now)
    {
        caller.Require(was.GroupId, Role.Contributor);
        RunStore.Update(t, was, now);
        return now;
    }
}
