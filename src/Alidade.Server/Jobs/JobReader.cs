using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Jobs;
using Alidade.Storage.Runs;

namespace Alidade.Server.Jobs;

/// <summary>Jobs that a caller may see.</summary>
public static class JobReader
{
    public static readonly ResourceKind Kind = new("job", "jobs", "job_id");

    /// <exception cref="NotFoundException">
    /// There is none, or it belongs to a group the caller is not in, or the caller is another job.
    /// </exception>
    public static JobRow Get(ISession s, Caller caller, long id) =>
        (
            caller.Attempt is { } running && running.Job != id
                ? null
                : s.First<JobRow>(
                    "SELECT * FROM job WHERE id = @Id AND deleted IS NULL AND group_id = ANY(@Visible)",
                    new { Id = id, caller.Visible }
                )
        ) ?? throw new NotFoundException("job", ("job_id", id));

    public static JobRow Get(ISession s, Caller caller, long experiment, long id)
    {
        var job = Get(s, caller, id);
        return job.Experiment == experiment
            ? job
            : throw new NotFoundException("job", ("job_id", id), ("experiment_id", experiment));
    }

    /// <summary>As <see cref="Get(ISession, Caller, long)"/>, also checking that the caller may change it.</summary>
    public static JobRow GetToChange(ISession s, Caller caller, long id)
    {
        var job = Get(s, caller, id);
        caller.Require(job.GroupId, Role.Contributor);
        return job;
    }

    public static JobDetail Detail(ISession s, long id) =>
        s.First<JobDetail>("SELECT * FROM job_detail WHERE job = @Id", new { Id = id })!;

    /// <summary>The id of the job's own run.</summary>
    public static string Run(ISession s, long id) =>
        s.First<string>("SELECT run FROM job_detail WHERE job = @Id", new { Id = id })!;

    /// <summary>All runs whose artifacts are the job's: its own, and the one a client gave it.</summary>
    public static IReadOnlyList<string> Runs(ISession s, long id) =>
        RunStore.Alias(s, id) is { } alias ? [alias, Run(s, id)] : [Run(s, id)];

    /// <summary>The own runs of many jobs.</summary>
    public static IReadOnlyDictionary<long, string> Runs(ISession s, IReadOnlyList<long> jobs) =>
        s.Query<JobDetail>("SELECT job, run FROM job_detail WHERE job = ANY(@Ids)", new { Ids = jobs.ToArray() })
            .ToDictionary(d => d.Job, d => d.Run);
}
