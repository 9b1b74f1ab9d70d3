using System.Globalization;
using Alidade.Server.Metrics;
using Alidade.Server.MLflow.Experiments;
using Alidade.Server.MLflow.Models;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Platform.Security;
using Alidade.Server.Runs;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.MLflow.Runs;

/// <summary>
/// What scripts log. All of a call is checked before any of it is written, and the same call again changes nothing: a
/// client that lost the answer repeats it.
/// </summary>
public sealed class LoggingFace(Stores stores, RunMetrics metrics)
{
    private const int MostMetrics = 1000;
    private const int MostParameters = 100;
    private const int MostTags = 100;
    private const int MostEntries = 1000;

    private static readonly ILookup<string, (MetricMessage First, MetricPoint Second)> NoModels = Array
        .Empty<(MetricMessage First, MetricPoint Second)>()
        .ToLookup(_ => "");

    /// <summary>A script logs to the same run all day.</summary>
    private readonly Remembered<string, RunRow> _runs = new(stores.Core, RunStore.Find);

    public Task<IResult> LogMetricAsync(Caller caller, LogMetric request, CancellationToken cancellation)
    {
        var metric = new MetricMessage(
            request.Key,
            request.Value,
            request.Timestamp,
            request.Step,
            request.ModelId,
            request.DatasetName,
            request.DatasetDigest
        );
        return LogAsync(caller, request.RunId, [metric], [Point(metric, "name")], [], [], cancellation);
    }

    public Task<IResult> LogParameterAsync(Caller caller, LogParameter request, CancellationToken cancellation)
    {
        Keys.Check(request.Key, "Param key");
        var value = Keys.Fit(request.Value ?? "", Keys.LongestParameter);
        return stores.Core.WriteAsync(
            t =>
            {
                var run = RunReader.GetActive(t, caller, request.RunId);
                if (RunStore.Logged(t, run.Id, request.Key) is { } old && old != value)
                {
                    throw MlflowException.Invalid(
                        $"Changing param values is not allowed. Param with key='{request.Key}' was already logged with "
                            + $"value='{old}' for run ID='{run.Id}'. Attempted logging new value '{value}'."
                    );
                }

                RunStore.SetParameter(t, run.Id, request.Key, value);
                return MlflowJson.Empty();
            },
            cancellation: cancellation
        );
    }

    public Task<IResult> LogBatchAsync(Caller caller, LogBatch request, CancellationToken cancellation)
    {
        CheckCounts(request);
        var points = Points(request.Metrics);

        var parameters = Checked(request.Params);
        for (var i = 0; i < request.Tags.Count; i++)
        {
            Keys.Check(request.Tags[i].Key, "Tag name", $"tags[{i}].key");
        }

        return LogAsync(caller, request.RunId, request.Metrics, points, parameters, request.Tags, cancellation);
    }

    public Task<IResult> SetTagAsync(Caller caller, SetTag request, CancellationToken cancellation)
    {
        Keys.Check(request.Key, "Tag name", "key");
        return stores.Core.WriteAsync(
            t =>
            {
                var run = RunReader.GetActive(t, caller, request.RunId);
                RunTags.Set(t, run, request.Key, Keys.Fit(request.Value ?? "", Keys.LongestTag));
                return MlflowJson.Empty();
            },
            cancellation: cancellation
        );
    }

    public Task<IResult> DeleteTagAsync(Caller caller, DeleteTag request, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var run = RunReader.GetActive(t, caller, request.RunId);
                return RunStore.DeleteTag(t, run.Id, request.Key)
                    ? MlflowJson.Empty()
                    : throw MlflowException.Missing($"No tag with name: {request.Key} in run with id {run.Id}");
            },
            cancellation: cancellation
        );

    /// <summary>
    /// Points are in a store of their own, which alone knows whether there is room for them: they are written after the
    /// checks and before the rest. If that fails then, the client repeats the call, and they are the same points.
    /// </summary>
    private async Task<IResult> LogAsync(
        Caller caller,
        string id,
        IReadOnlyList<MetricMessage> messages,
        IReadOnlyList<MetricPoint> points,
        Dictionary<string, string> parameters,
        IReadOnlyList<TagMessage> tags,
        CancellationToken cancellation
    )
    {
        var models = OfModels(messages, points);
        var run =
            parameters.Count + models.Count == 0
                ? RunReader.Active(await RecentAsync(id, cancellation), caller, id)
                : await stores.Core.ReadAsync(s => Check(s), cancellation);
        await metrics.AppendAsync(
            [
                new MeasuredRun(run.Id, run.Job, points),
                .. models.Select(m => new MeasuredRun(m.Key, Job: null, [.. m.Select(of => of.Second)])),
            ],
            cancellation
        );
        if (parameters.Count + tags.Count + models.Count > 0)
        {
            await stores.Core.WriteAsync(
                t => Record(t, Check(t), parameters, tags, models),
                cancellation: cancellation
            );
        }

        return MlflowJson.Empty();

        RunRow Check(ISession s)
        {
            var found = RunReader.GetActive(s, caller, id);
            CheckUnchanged(s, found.Id, parameters);
            foreach (var model in models)
            {
                LoggedModelFace.GetToChange(s, caller, model.Key);
            }

            return found;
        }
    }

    /// <summary>A run that was deleted a second ago may have been restored on another server since; then it takes points again.</summary>
    private async ValueTask<RunRow?> RecentAsync(string id, CancellationToken cancellation) =>
        await _runs.GetAsync(id, cancellation, recent: true) is { IsDeleted: false } run
            ? run
            : await stores.Core.ReadAsync(s => RunStore.Find(s, id), cancellation);

    /// <summary>Points that were measured of models, by model; mostly there are none.</summary>
    private static ILookup<string, (MetricMessage First, MetricPoint Second)> OfModels(
        IReadOnlyList<MetricMessage> messages,
        IReadOnlyList<MetricPoint> points
    ) =>
        messages.Any(message => message.ModelId is { Length: > 0 })
            ? messages
                .Zip(points)
                .Where(m => m.First.ModelId is { Length: > 0 })
                .ToLookup(m => m.First.ModelId!, StringComparer.Ordinal)
            : NoModels;

    private static ModelMetric Measured(MetricMessage message, MetricPoint point) =>
        new(point.Name, point.Value, point.Time, point.Step, message.DatasetName ?? "", message.DatasetDigest ?? "");

    /// <summary>What a run measured of models stands with the models too, beside the dataset it was measured on.</summary>
    private static RunRow Record(
        ITransaction t,
        RunRow run,
        Dictionary<string, string> parameters,
        IReadOnlyList<TagMessage> tags,
        ILookup<string, (MetricMessage Message, MetricPoint Point)> models
    )
    {
        foreach (var (name, value) in parameters)
        {
            RunStore.SetParameter(t, run.Id, name, value);
        }

        foreach (var model in models)
        {
            foreach (var (message, point) in model)
            {
                ModelMetrics.Save(t, model.Key, run.Id, Measured(message, point));
            }
        }

        foreach (var tag in tags)
        {
            run = RunTags.Set(t, run, tag.Key, Keys.Fit(tag.Value ?? "", Keys.LongestTag));
        }

        return run;
    }

    private static void CheckUnchanged(ISession s, string run, Dictionary<string, string> parameters)
    {
        var known = parameters.Count == 0 ? [] : RunStore.Logged(s, run);
        var clashes = known
            .Where(k => parameters.TryGetValue(k.Name, out var value) && value != k.Value)
            .Select(k =>
                $"{{'key': {PythonText.Repr(k.Name)}, 'old_value': {PythonText.Repr(k.Value)}, 'new_value': {PythonText.Repr(parameters[k.Name])}}}"
            )
            .ToList();
        if (clashes.Count > 0)
        {
            throw MlflowException.Invalid(
                $"Changing param values is not allowed. Params were already logged='[{string.Join(", ", clashes)}]' "
                    + $"for run ID='{run}'."
            );
        }
    }

    private static Dictionary<string, string> Checked(IReadOnlyList<ParameterMessage> parameters)
    {
        var values = new Dictionary<string, string>(parameters.Count);
        var twice = new List<string>();
        for (var i = 0; i < parameters.Count; i++)
        {
            Keys.Check(parameters[i].Key, "Param key", $"params[{i}].key");
            if (!values.TryAdd(parameters[i].Key, Keys.Fit(parameters[i].Value ?? "", Keys.LongestParameter)))
            {
                twice.Add(parameters[i].Key);
            }
        }

        return twice.Count == 0
            ? values
            : throw MlflowException.Invalid(
                $"Duplicate parameter keys have been submitted: {PythonText.List(twice.Distinct())}. Please ensure the "
                    + "request contains only one param value per param key."
            );
    }

    private static void CheckCounts(LogBatch request)
    {
        Most(request.Metrics.Count, MostMetrics, "metrics");
        Most(request.Params.Count, MostParameters, "params");
        Most(request.Tags.Count, MostTags, "tags");
        Most(
            request.Metrics.Count + request.Params.Count + request.Tags.Count,
            MostEntries,
            "metrics, params, and tags"
        );

        static void Most(int count, int most, string what)
        {
            if (count > most)
            {
                throw MlflowException.Invalid(
                    $"A batch logging request can contain at most {most} {what}. Got {count} {what}. Please split up "
                        + $"{what} across multiple requests and try again."
                );
            }
        }
    }

    private static MetricPoint[] Points(IReadOnlyList<MetricMessage> metrics)
    {
        // A batch has few names, each many times.
        var names = new HashSet<string>(StringComparer.Ordinal);
        var points = new MetricPoint[metrics.Count];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = names.Add(metrics[i].Key) ? Point(metrics[i], $"metrics[{i}].name") : Point(metrics[i]);
        }

        return points;
    }

    private static MetricPoint Point(MetricMessage metric, string path)
    {
        Keys.Check(metric.Key, "Metric name", path);
        return Point(metric);
    }

    private static MetricPoint Point(MetricMessage metric)
    {
        if (metric.Timestamp is < 0 or > long.MaxValue / 1000)
        {
            throw MlflowException.WrongValue(
                "timestamp",
                metric.Timestamp.ToString(CultureInfo.InvariantCulture),
                $"metric '{metric.Key}' (value={metric.Value.ToString(CultureInfo.InvariantCulture)}). "
                    + "Timestamp must be a nonnegative long (64-bit integer) "
            );
        }

        return new MetricPoint(metric.Key, metric.Step, metric.Timestamp * 1000, metric.Value);
    }
}
