using Alidade.Server.Metrics;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.MLflow.Runs;
using Alidade.Server.MLflow.Search;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;

namespace Alidade.Server.MLflow.Metrics;

public sealed record GetHistory(
    [Required, Formerly("run_uuid")] string RunId,
    [Required] string MetricKey,
    long? MaxResults,
    string? PageToken
);

public sealed record GetHistoryBulk(IReadOnlyList<string> RunId, string? MetricKey, long? MaxResults);

public sealed record GetHistoryBulkInterval(
    [Required] IReadOnlyList<string> RunIds,
    [Required] string MetricKey,
    long? StartStep,
    long? EndStep,
    long? MaxResults
);

public sealed record HistoryAnswer(IReadOnlyList<MetricAnswer> Metrics, string? NextPageToken);

public sealed record RunMetricAnswer(string Key, double Value, long Timestamp, long Step, string RunId);

/// <summary>Series, whole or sampled.</summary>
public sealed class HistoryFace(Stores stores)
{
    private const int LargestPage = 25_000;
    private const int MostRuns = 100;
    private const int UsualSamples = 320;
    private const int MostSamples = 2_500;

    public async Task<IResult> HistoryAsync(Caller caller, GetHistory request, CancellationToken cancellation)
    {
        var limit = Math.Min(MaxResults.Of(request.MaxResults, int.MaxValue, int.MaxValue), int.MaxValue - 1);
        var after = Place(request.PageToken);
        await RequireAsync(caller, [request.RunId], cancellation);
        // One more than asked tells whether there is another page.
        var found = await stores.Series.ReadAsync(
            s => MetricReader.PageByTime(s, request.RunId, request.MetricKey, after, limit + 1),
            cancellation
        );
        var page = found.Take(limit);
        var metrics = Enumerable
            .Range(0, page.Count)
            .Select(i => new MetricAnswer(request.MetricKey, page.Values[i], page.Times[i] / 1000, page.Steps[i]))
            .ToList();
        return MlflowJson.Answer(
            new HistoryAnswer(metrics, found.Count > limit ? PageToken.Of(PlaceText.Write(page, limit - 1)) : null)
        );
    }

    public async Task<IResult> BulkAsync(Caller caller, GetHistoryBulk request, CancellationToken cancellation)
    {
        var key = Required(request);
        var limit = Math.Min(MaxResults.Of(request.MaxResults, LargestPage, int.MaxValue), LargestPage);
        await RequireAsync(caller, request.RunId, cancellation);
        var found = new List<RunMetricAnswer>();
        foreach (var run in request.RunId.Order(StringComparer.Ordinal))
        {
            var page = await stores.Series.ReadAsync(
                s => MetricReader.PageByTime(s, run, key, null, limit - found.Count),
                cancellation
            );
            found.AddRange(Views(key, run, page));
            if (found.Count >= limit)
            {
                break;
            }
        }

        return MlflowJson.Answer(new { metrics = found });
    }

    /// <summary>
    /// Steps evenly chosen among those of all runs together, so that their lines can be compared, with the first and last of
    /// each run; every point of a chosen step is there.
    /// </summary>
    public async Task<IResult> IntervalAsync(
        Caller caller,
        GetHistoryBulkInterval request,
        CancellationToken cancellation
    )
    {
        var limit = Samples(request);
        await RequireAsync(caller, request.RunIds, cancellation);
        var runs = request.RunIds.Distinct().ToList();
        return await stores.Series.ReadAsync(
            s =>
            {
                var steps = Chosen([.. runs.Select(run => Steps(s, run, request))], limit);
                var points = runs.SelectMany(run =>
                    Views(request.MetricKey, run, MetricReader.AtSteps(s, run, request.MetricKey, steps))
                );
                return MlflowJson.Answer(new { metrics = points.ToList() });
            },
            cancellation
        );
    }

    private static long[] Steps(ISession s, string run, GetHistoryBulkInterval request) =>
        [
            .. MetricReader
                .Steps(s, run, request.MetricKey)
                .Where(step => request.StartStep is null || (step >= request.StartStep && step <= request.EndStep)),
        ];

    /// <param name="runs">The steps of each run in order.</param>
    private static HashSet<long> Chosen(IReadOnlyList<long[]> runs, int limit)
    {
        long[] all = [.. runs.SelectMany(steps => steps).Distinct().Order()];
        if (all.Length <= limit)
        {
            return [.. all];
        }

        return
        [
            .. Enumerable.Range(0, limit).Select(i => all[(int)((long)i * all.Length / limit)]),
            .. runs.Where(steps => steps.Length > 0).SelectMany(steps => new[] { steps[0], steps[^1] }),
        ];
    }

    private static int Samples(GetHistoryBulkInterval request)
    {
        if (request.RunIds.Count > MostRuns)
        {
            throw MlflowException.Invalid(
                $"GetMetricHistoryBulkInterval request must specify at most {MostRuns} run_ids. Received {request.RunIds.Count} run_ids."
            );
        }

        if (request.MaxResults is < 1 or > MostSamples)
        {
            throw MlflowException.Invalid($"max_results must be between 1 and {MostSamples}.");
        }

        if (request.StartStep is null != request.EndStep is null)
        {
            throw MlflowException.Invalid("If either start step or end step are specified, both must be specified.");
        }

        return request.StartStep > request.EndStep
            ? throw MlflowException.Invalid(
                $"end_step must be greater than start_step. Found start_step={request.StartStep} and end_step={request.EndStep}."
            )
            : (int)(request.MaxResults ?? UsualSamples);
    }

    private static PointPlace? Place(string? token) =>
        PageToken.Read(token) is not { } text ? null
        : PlaceText.Parse(text) is { } place ? place
        : throw MlflowException.Invalid("Invalid page token, it belongs to another search");

    private Task<int> RequireAsync(Caller caller, IReadOnlyList<string> runs, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => runs.Select(run => RunReader.Get(s, caller, run)).Count(), cancellation);

    /// <summary>The key that is asked for, in a request that asks for not too much.</summary>
    private static string Required(GetHistoryBulk request)
    {
        const string Name = "GetMetricHistoryBulk request";
        var count = request.RunId.Count;
        return count == 0 ? throw MlflowException.Invalid($"{Name} must specify at least one run_id.")
            : count > MostRuns
                ? throw MlflowException.Invalid(
                    $"{Name} cannot specify more than {MostRuns} run_ids. Received {count} run_ids."
                )
            : string.IsNullOrEmpty(request.MetricKey)
                ? throw MlflowException.Invalid($"{Name} must specify a metric_key.")
            : request.MetricKey;
    }

    private static IEnumerable<RunMetricAnswer> Views(string name, string run, SeriesPoints points) =>
        Enumerable
            .Range(0, points.Count)
            .Select(i => new RunMetricAnswer(name, points.Values[i], points.Times[i] / 1000, points.Steps[i], run));
}
