using Alidade.Server.Live;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;

namespace Alidade.Server.Metrics;

/// <summary>Series of runs, for callers that have checked whose run it is.</summary>
public sealed class RunMetrics(Stores stores, MetricIntake intake, LiveHub live)
{
    /// <summary>Adds points; durable when it returns.</summary>
    /// <param name="job">Whose followers are told; null for a run that stands alone.</param>
    public async Task AppendAsync(
        string run,
        long? job,
        IReadOnlyList<MetricPoint> points,
        CancellationToken cancellation
    )
    {
        if (points.Count == 0)
        {
            return;
        }

        string[] topics = job is { } id ? [LiveHint.Job(id), LiveHint.Run(run)] : [LiveHint.Run(run)];
        var count = await stores.Series.WriteAsync(
            tx =>
            {
                intake.TakeAll(tx, run, points, "metrics");
                return topics.Any(live.HasReaders) ? MetricReader.Points(tx, run) : 0;
            },
            Lane.Bulk,
            cancellation
        );
        foreach (var topic in count > 0 ? topics : [])
        {
            live.Publish(new LiveHint(topic, Metrics: count));
        }
    }

    /// <summary>The last values of these runs.</summary>
    public Task<ILookup<string, SeriesSummary>> LastAsync(IEnumerable<string> runs, CancellationToken cancellation) =>
        stores.Series.ReadAsync(s => MetricReader.Summaries(s, [.. runs]).ToLookup(m => m.Run), cancellation);
}
