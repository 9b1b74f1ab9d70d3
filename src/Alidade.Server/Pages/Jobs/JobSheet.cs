namespace Alidade.Server.Pages.Jobs;

/// <summary>Jobs side by side: which parameters and metrics are columns.</summary>
/// <param name="Same">Parameters that are the same in all and therefore hidden.</param>
/// <param name="More">Columns for which there is no room.</param>
public sealed record JobSheet(
    IReadOnlyList<JobItem> Jobs,
    IReadOnlyList<string> Parameters,
    IReadOnlyList<string> Metrics,
    int Same,
    int More
)
{
    private const int MostParameters = 8;
    private const int MostMetrics = 6;

    public static JobSheet Of(IReadOnlyList<JobItem> jobs)
    {
        var parameters = jobs.SelectMany(job => job.Parameters.Select(p => p.Key)).Distinct().ToList();
        var differing = parameters
            .Where(name => jobs.Count < 2 || jobs.Select(job => ValueOf(job, name)).Distinct().Skip(1).Any())
            .ToList();
        var metrics = jobs.SelectMany(job => job.Metrics.Keys).Distinct().OrderBy(MetricOrder.Of).ToList();
        return new JobSheet(
            jobs,
            [.. differing.Take(MostParameters)],
            [.. metrics.Take(MostMetrics)],
            parameters.Count - differing.Count,
            Math.Max(0, differing.Count - MostParameters) + Math.Max(0, metrics.Count - MostMetrics)
        );
    }

    public static string? ValueOf(JobItem job, string parameter) =>
        job.Parameters.FirstOrDefault(p => p.Key == parameter).Value;

    /// <summary>A column whose values are all numbers stands right-aligned.</summary>
    public bool IsNumeric(string parameter) =>
        Jobs.Select(job => ValueOf(job, parameter)).Where(v => v is not null).All(v => double.TryParse(v, out _));

    /// <summary>A metric whose values are all fractions has a scale beside each.</summary>
    public bool IsFraction(string metric) =>
        Jobs.Where(job => job.Metrics.ContainsKey(metric)).All(job => job.Metrics[metric] is >= 0 and <= 1);

    /// <summary>The one metric with a scale beside its values: the sorted one, else the first fraction.</summary>
    public string? Scaled(string? sortedBy) =>
        sortedBy is not null && Metrics.Contains(sortedBy) && IsFraction(sortedBy)
            ? sortedBy
            : Metrics.FirstOrDefault(IsFraction);

    public double? Best(string metric)
    {
        var values = Jobs.Where(job => job.Metrics.ContainsKey(metric)).Select(job => job.Metrics[metric]).ToList();
        var lowest =
            metric.Contains("loss", StringComparison.OrdinalIgnoreCase)
            || metric.Contains("error", StringComparison.OrdinalIgnoreCase);
        return values.Count < 2 ? null
            : lowest ? values.Min()
            : values.Max();
    }

    /// <summary>The jobs in the order a column asks for; those without a value come last.</summary>
    public static IReadOnlyList<JobItem> Sort(IReadOnlyList<JobItem> jobs, string? key, bool descending)
    {
        if (key is null)
        {
            return jobs;
        }

        var keyed = jobs.Select(job => (Job: job, Key: KeyOf(job, key))).ToList();
        var sorted = keyed.OrderBy(k => k.Key is null);
        return [.. (descending ? sorted.ThenByDescending(k => k.Key) : sorted.ThenBy(k => k.Key)).Select(k => k.Job)];
    }

    private static SortKey? KeyOf(JobItem job, string key) =>
        key switch
        {
            "job" => new SortKey(job.Id, ""),
            "name" => new SortKey(0, job.Name),
            "status" => new SortKey(0, job.State),
            "time" => job.Started is null
                ? null
                : new SortKey(((job.Ended ?? DateTimeOffset.MaxValue) - job.Started.Value).TotalSeconds, ""),
            _ when job.Metrics.TryGetValue(key, out var value) => new SortKey(value, ""),
            _ => ValueOf(job, key) is { } text
                ? new SortKey(double.TryParse(text, out var number) ? number : double.MaxValue, text)
                : null,
        };

    /// <summary>Numbers by size, texts by their letters.</summary>
    private sealed record SortKey(double Number, string Text) : IComparable<SortKey>
    {
        public int CompareTo(SortKey? other) =>
            other is null ? 1
            : Number.CompareTo(other.Number) is not 0 and var order ? order
            : string.CompareOrdinal(Text, other.Text);
    }
}
