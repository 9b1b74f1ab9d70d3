using Alidade.Server.Jobs;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Jobs;
using Alidade.Storage.Logs;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;

namespace Alidade.Server.Live;

/// <summary>The present value of topics, and who may follow them.</summary>
public sealed class LiveTopics(Stores stores)
{
    public async Task<IReadOnlyList<LiveHint>> NowAsync(
        Caller caller,
        IReadOnlyList<string> topics,
        CancellationToken cancellation
    )
    {
        var parsed = topics.Select(Parse).ToList();
        var (jobs, experiments, runs) = await stores.Core.ReadAsync(
            s =>
            {
                var found = parsed.Where(p => p.Kind == "job").Select(p => JobReader.Get(s, caller, p.Id)).ToList();
                var ids = parsed.Where(p => p.Kind == "experiment").Select(p => p.Id).ToList();
                return (
                    found,
                    ids.Select(id => Experiment(s, caller, id)).ToList(),
                    JobReader.Runs(s, [.. found.Select(j => j.Id)])
                );
            },
            cancellation
        );
        var numbers = await stores.Series.ReadAsync(
            s => jobs.ToDictionary(j => j.Id, j => (LogStore.Last(s, runs[j.Id]), MetricReader.Points(s, runs[j.Id]))),
            cancellation
        );
        return [.. jobs.Select(j => Job(j, numbers[j.Id])), .. experiments];
    }

    private static LiveHint Job(JobRow job, (long Log, long Metrics) now) =>
        new(LiveHint.Job(job.Id), job.State, now.Log, now.Metrics, job.Head);

    private static LiveHint Experiment(ISession s, Caller caller, long id)
    {
        Resources.Get(s, ResourceKind.Experiment, caller, id);
        var newest = s.Scalar<long>(
            "SELECT COALESCE(MAX(head), 0) FROM job WHERE experiment = @Id AND deleted IS NULL",
            new { Id = id }
        );
        return new LiveHint(LiveHint.Experiment(id), Version: newest);
    }

    private static (string Kind, long Id) Parse(string topic)
    {
        var slash = topic.IndexOf('/', StringComparison.Ordinal);
        return
            slash > 0
            && topic[..slash] is ("job" or "experiment")
            && Scalars.ParseInteger(topic[(slash + 1)..]) is { } id
            ? (topic[..slash], id)
            : throw new InvalidInputException("topics", $"'{topic}' is no topic: write job/42 or experiment/7.");
    }
}
