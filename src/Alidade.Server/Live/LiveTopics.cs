using Alidade.Server.Jobs;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Runs;
using Alidade.Storage.Jobs;
using Alidade.Storage.Logs;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Live;

/// <summary>The present value of topics, and who may follow them.</summary>
public sealed class LiveTopics(Stores stores)
{
    /// <returns>The present values, and the groups they belong to.</returns>
    public async Task<(IReadOnlyList<LiveHint> Hints, IReadOnlyList<long> Groups)> NowAsync(
        Caller caller,
        IReadOnlyList<string> topics,
        CancellationToken cancellation
    )
    {
        var parsed = topics.Select(Parse).ToList();
        var (jobs, experiments, runs, alone) = await stores.Core.ReadAsync(
            s =>
            {
                var found = parsed.Where(p => p.Kind == "job").Select(p => JobReader.Get(s, caller, p.Id)).ToList();
                var ids = parsed.Where(p => p.Kind == "experiment").Select(p => p.Id).ToList();
                return (
                    found,
                    ids.Select(id => Resources.Get(s, ResourceKind.Experiment, caller, id))
                        .Select(e => (e.GroupId, Hint: Experiment(s, e.Id)))
                        .ToList(),
                    JobReader.Runs(s, [.. found.Select(j => j.Id)]),
                    parsed.Where(p => p.Kind == "run").Select(p => Alone(s, caller, p.Run)).ToList()
                );
            },
            cancellation
        );
        var numbers = await stores.Series.ReadAsync(
            s => jobs.ToDictionary(j => j.Id, j => (LogStore.Last(s, runs[j.Id]), MetricReader.Points(s, runs[j.Id]))),
            cancellation
        );
        var points = await stores.Series.ReadAsync(
            s => alone.Select(r => Alone(r, LogStore.Last(s, r.Id), MetricReader.Points(s, r.Id))).ToList(),
            cancellation
        );
        return (
            [.. jobs.Select(j => Job(j, numbers[j.Id])), .. experiments.Select(e => e.Hint), .. points],
            [
                .. jobs.Select(j => j.GroupId)
                    .Concat(experiments.Select(e => e.GroupId))
                    .Concat(alone.Select(r => r.GroupId))
                    .Distinct(),
            ]
        );
    }

    private static LiveHint Job(JobRow job, (long Log, long Metrics) now) =>
        new(LiveHint.Job(job.Id), job.State, now.Log, now.Metrics, job.Head);

    private static LiveHint Experiment(ISession s, long id)
    {
        var newest = s.Scalar<long>(
            "SELECT COALESCE(MAX(head), 0) FROM job WHERE experiment = @Id AND deleted IS NULL",
            new { Id = id }
        );
        return new LiveHint(LiveHint.Experiment(id), Version: newest);
    }

    private static LiveHint Alone(RunRow run, long log, long metrics) =>
        new(LiveHint.Run(run.Id), run.Status, log, metrics, run.Ended ?? run.Created);

    private static RunRow Alone(ISession s, Caller caller, string id) =>
        TrackedRuns.Find(s, caller, id) ?? throw new NotFoundException("run", ("run_id", id));

    private static (string Kind, long Id, string Run) Parse(string topic)
    {
        var slash = topic.IndexOf('/', StringComparison.Ordinal);
        var (kind, which) = slash > 0 ? (topic[..slash], topic[(slash + 1)..]) : ("", "");
        return kind switch
        {
            "job" or "experiment" when Scalars.ParseInteger(which) is { } id => (kind, id, ""),
            "run" when which.Length > 0 => (kind, 0, which),
            _ => throw new InvalidInputException(
                "topics",
                $"'{topic}' is no topic: write job/42, experiment/7 or run/ID."
            ),
        };
    }
}
