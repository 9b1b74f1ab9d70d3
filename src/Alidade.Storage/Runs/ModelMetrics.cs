using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>The last value that a run measured of a logged model. Time in microseconds.</summary>
/// <param name="Dataset">What it was measured on; empty where nobody said, as is <paramref name="Digest"/>.</param>
public sealed record ModelMetric(string Name, double Value, long Time, long Step, string Dataset, string Digest);

public sealed record ModelMetricRow
{
    public string Model { get; init; } = "";
    public string Name { get; init; } = "";
    public string Run { get; init; } = "";
    public string Dataset { get; init; } = "";
    public string Digest { get; init; } = "";

    /// <summary>An <see cref="OrderedDouble"/>.</summary>
    public long Value { get; init; }
    public long Time { get; init; }
    public long Step { get; init; }
}

public static class ModelMetrics
{
    /// <summary>Keeps the value unless a later one is known.</summary>
    public static void Save(ITransaction tx, string model, string run, ModelMetric metric) =>
        tx.Execute(
            """
            INSERT INTO model_metric (model, name, run, dataset, digest, value, time, step)
            VALUES (@Model, @Name, @Run, @Dataset, @Digest, @Value, @Time, @Step)
            ON CONFLICT (model, name, run, dataset, digest) DO UPDATE
            SET value = excluded.value, time = excluded.time, step = excluded.step
            WHERE (excluded.step, excluded.time, excluded.value)
                > (model_metric.step, model_metric.time, model_metric.value)
            """,
            new ModelMetricRow
            {
                Model = model,
                Name = metric.Name,
                Run = run,
                Dataset = metric.Dataset,
                Digest = metric.Digest,
                Value = OrderedDouble.ToLong(metric.Value),
                Time = metric.Time,
                Step = metric.Step,
            }
        );

    public static IReadOnlyList<ModelMetricRow> Of(ISession read, string[] models) =>
        read.Query<ModelMetricRow>(
            "SELECT * FROM model_metric WHERE model = ANY(@Models) ORDER BY name, run, dataset, digest",
            new { Models = models }
        );
}
