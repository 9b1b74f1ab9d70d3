using Alidade.Server.Jobs;
using Alidade.Server.Live;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;

namespace Alidade.Server.Metrics;

/// <summary>Numbers of jobs: last values, histories, and series for charts.</summary>
public sealed class MetricService(Stores stores, MetricIntake intake, LiveHub live)
{
    private const int MostPoints = 100_000;

    public async Task<MetricView> AddAsync(Caller caller, long id, MetricInput input, CancellationToken cancellation)
    {
        var run = await stores.Core.ReadAsync(
            s => JobReader.Run(s, JobReader.GetToChange(s, caller, id).Id),
            cancellation
        );
        var points = await stores.Series.WriteAsync(
            tx =>
            {
                var time = input.Timestamp is { } text ? TimestampAttribute.Micros(text)!.Value : tx.Now;
                var point = new MetricPoint(input.Name, input.Step, time, input.Value);
                intake.TakeAll(tx, run, MetricBatch.Of([point]), "name");
                return MetricReader.Points(tx, run);
            },
            cancellation: cancellation
        );
        live.Publish(new LiveHint(LiveHint.Job(id), Metrics: points));
        return new MetricView(input.Name, input.Value);
    }

    public async Task<IReadOnlyList<MetricView>> LastAsync(Caller caller, long id, CancellationToken cancellation) =>
        [.. (await SummariesAsync(caller, id, cancellation)).Select(Last)];

    public async Task<IReadOnlyList<ChartView>> ChartsAsync(Caller caller, long id, CancellationToken cancellation) =>
        [
            .. (await SummariesAsync(caller, id, cancellation)).Select(s => new ChartView(
                s.Name,
                s.Count,
                s.Last,
                s.LastStep,
                s.Min,
                s.Max
            )),
        ];

    /// <summary>A series in at most about so many points, keeping first, least, greatest and last of each stretch.</summary>
    public async Task<SeriesView> SeriesAsync(
        Caller caller,
        long id,
        string name,
        int points,
        CancellationToken cancellation
    )
    {
        if (points is < 4 or > MostPoints)
        {
            throw new InvalidInputException("points", $"Must be from 4 to {MostPoints}.");
        }

        var run = await RunAsync(caller, id, cancellation);
        var few = await stores.Series.ReadAsync(s => ChartReader.Read(s, run, name, points), cancellation);
        return new SeriesView(name, few.Steps, few.Values, few.Times);
    }

    public async Task<Page<MetricPointView>> HistoryAsync(
        Caller caller,
        long id,
        string name,
        Listing listing,
        CancellationToken cancellation
    )
    {
        var run = await RunAsync(caller, id, cancellation);
        var points = await stores.Series.ReadAsync(s => MetricReader.LastByStep(s, run, name), cancellation);
        var from = (int)Math.Min(listing.Index, points.Count);
        var count = (int)Math.Min(listing.Limit, points.Count - from);
        var rows = Enumerable
            .Range(from, count)
            .Select(i => new MetricPointView(name, points.Values[i], points.Steps[i], Wire.Time(points.Times[i])))
            .ToList();
        return Page.Of($"jobs/{id}/metrics/{name}/snapshots", listing, points.Count, rows);
    }

    /// <summary>The last values of every job of an experiment; the numbers of a page come with one query.</summary>
    public async Task<Page<JobMetricsView>> OfExperimentAsync(
        Caller caller,
        long experiment,
        Listing listing,
        CancellationToken cancellation
    )
    {
        var (found, runs) = await stores.Core.ReadAsync(
            s =>
            {
                Resources.Get(s, ResourceKind.Experiment, caller, experiment);
                var page = JobList.Page(s, caller, listing, experiment);
                return (page, JobReader.Runs(s, [.. page.Rows.Select(j => j.Id)]));
            },
            cancellation
        );
        var metrics = (
            await stores.Series.ReadAsync(s => MetricReader.Summaries(s, [.. runs.Values]), cancellation)
        ).ToLookup(m => m.Run);
        // Dioptra writes this one link with two slashes.
        return Page.Of(
            $"/experiments/{experiment}/metrics",
            listing,
            found.Total,
            [.. found.Rows.Select(j => new JobMetricsView(j.Id, [.. metrics[runs[j.Id]].Select(Last)]))]
        ) with
        {
            TotalIsLowerBound = found.IsLowerBound,
        };
    }

    private async Task<IReadOnlyList<SeriesSummary>> SummariesAsync(
        Caller caller,
        long id,
        CancellationToken cancellation
    )
    {
        var run = await RunAsync(caller, id, cancellation);
        return await stores.Series.ReadAsync(s => MetricReader.Summaries(s, run), cancellation);
    }

    private Task<string> RunAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => JobReader.Run(s, JobReader.Get(s, caller, id).Id), cancellation);

    private static MetricView Last(SeriesSummary summary) => new(summary.Name, summary.Last);
}
