using Alidade.Server.Jobs;
using Alidade.Server.Live;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;
using Alidade.Server.Runs;
using Alidade.Storage.Platform;

namespace Alidade.Server.Metrics;

/// <summary>A run whose series are asked for, and the job it belongs to.</summary>
internal sealed record SeriesTarget(string Run, long? Job, long Group)
{
    /// <summary>What is said of it as it moves.</summary>
    public string Topic => Job is { } job ? LiveHint.Job(job) : LiveHint.Run(Run);
}

/// <summary>Finds the runs behind jobs and ids, if the caller may see them.</summary>
internal static class SeriesTargets
{
    private const int Most = 100;

    public static Task<IReadOnlyList<SeriesTarget>> FindAsync(
        Stores stores,
        Caller caller,
        IReadOnlyCollection<long> jobs,
        IReadOnlyCollection<string> runs,
        CancellationToken cancellation
    )
    {
        if (jobs.Count + runs.Count is 0 or > Most)
        {
            throw new InvalidInputException("jobs", $"Name 1 to {Most} jobs or runs.");
        }

        return stores.Core.ReadAsync<IReadOnlyList<SeriesTarget>>(
            s =>
                [
                    .. jobs.Select(id => JobReader.Get(s, caller, id))
                        .Select(job => new SeriesTarget(JobReader.Run(s, job.Id), job.Id, job.GroupId))
                        .Concat(runs.Select(id => OfRun(s, caller, id)))
                        .DistinctBy(target => target.Run),
                ],
            cancellation
        );
    }

    private static SeriesTarget OfRun(ISession s, Caller caller, string id) =>
        TrackedRuns.Find(s, caller, id) is { } run && (caller.Attempt is not { } attempt || run.Job == attempt.Job)
            ? new SeriesTarget(run.Id, run.Job, run.GroupId)
            : throw new NotFoundException("run", ("run_id", id));
}
