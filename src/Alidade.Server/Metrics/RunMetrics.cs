using Alidade.Server.Live;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;

namespace Alidade.Server.Metrics;

/// <summary>Series of runs, for callers that have checked whose run it is.</summary>
public sealed class RunMetrics(Stores stores, MetricIntake intake, LiveHub live)
{
    /// <summary>Adds points, of all of them or of none; durable when it returns.</summary>
    public async Task AppendAsync(IReadOnlyList<MeasuredRun> measured, CancellationToken cancellation)
    {
        // In one order everywhere: each is locked until the end, and two batches may be of the same ones.
        (MeasuredRun Run, MetricBatch Batch)[] some =
        [
            .. measured.Where(m => m.Points.Count > 0).Select(m => (m, MetricBatch.Of(m.Points))),
        ];
        Array.Sort(some, static (one, other) => string.CompareOrdinal(one.Run.Run, other.Run.Run));
        if (some.Length == 0)
        {
            return;
        }

        var hints = await stores.Series.WriteAsync(
            tx =>
            {
                var hints = new List<LiveHint>();
                foreach (var (to, batch) in some)
                {
                    intake.TakeAll(tx, to.Run, batch, "metrics");
                    Tell(hints, tx, to);
                }

                return hints;
            },
            Lane.Bulk,
            cancellation
        );
        hints.ForEach(live.Publish);
    }

    /// <summary>For those who follow it: counting is only worth it when somebody does.</summary>
    private void Tell(List<LiveHint> hints, ISession s, MeasuredRun measured)
    {
        string[] topics = measured.Job is { } job
            ? [LiveHint.Job(job), LiveHint.Run(measured.Run)]
            : [LiveHint.Run(measured.Run)];
        if (topics.Any(live.HasReaders))
        {
            var count = MetricReader.Points(s, measured.Run);
            hints.AddRange(topics.Select(topic => new LiveHint(topic, Metrics: count)));
        }
    }

    /// <summary>The last values of these runs.</summary>
    public Task<ILookup<string, SeriesSummary>> LastAsync(IEnumerable<string> runs, CancellationToken cancellation) =>
        stores.Series.ReadAsync(s => MetricReader.Summaries(s, [.. runs]).ToLookup(m => m.Run), cancellation);
}

/// <summary>Points of a run, or of a model, which has series as a run does.</summary>
/// <param name="Job">Whose followers are told; null for what stands alone.</param>
public sealed record MeasuredRun(string Run, long? Job, IReadOnlyList<MetricPoint> Points);
