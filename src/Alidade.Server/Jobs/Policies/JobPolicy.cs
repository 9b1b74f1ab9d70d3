using System.Text.Json.Serialization;
using Alidade.Engine.Jobs;
using Alidade.Server.Platform.Errors;
using Alidade.Storage.Jobs;

namespace Alidade.Server.Jobs.Policies;

/// <summary>What a job takes of its worker while it runs.</summary>
/// <param name="Cpu">Processors, such as 0.5.</param>
/// <param name="Memory">Bytes.</param>
public sealed record ResourceRequest(
    [Between(0, 100_000)] double? Cpu = null,
    [Between(0, 1L << 50)] long? Memory = null,
    [Between(0, 10_000)] long? Gpus = null
);

/// <summary>
/// What a queue or an entrypoint says about its jobs. Each member that is left out is said by somebody else: a job's own
/// word goes before its entrypoint's, that before its queue's.
/// </summary>
/// <param name="Labels">A worker must have these; labels of several are asked for together.</param>
/// <param name="MaxFailures">Retries after a failure of user code.</param>
/// <param name="MaxLosses">Retries after the loss of a worker or process.</param>
/// <param name="Restartable">False when a second run could do harm: it is never tried again.</param>
/// <param name="LostAfter">After this silence of its worker a job is taken away, such as <c>5m</c>.</param>
/// <param name="StartWithin">A job that has not begun after this time fails, such as <c>12h</c>.</param>
public sealed record JobPolicy(
    IReadOnlyDictionary<string, string?>? Labels = null,
    ResourceRequest? Resources = null,
    [Between(0, 100)] long? MaxFailures = null,
    [Between(0, 100)] long? MaxLosses = null,
    bool? Restartable = null,
    [Timeout] string? LostAfter = null,
    [Timeout] string? StartWithin = null
)
{
    public static JobPolicy None { get; } = new();

    /// <summary>This one's word where it says something, else the other's.</summary>
    public JobPolicy Over(JobPolicy other) =>
        new(
            Merge(other.Labels, Labels),
            new ResourceRequest(
                Resources?.Cpu ?? other.Resources?.Cpu,
                Resources?.Memory ?? other.Resources?.Memory,
                Resources?.Gpus ?? other.Resources?.Gpus
            ),
            MaxFailures ?? other.MaxFailures,
            MaxLosses ?? other.MaxLosses,
            Restartable ?? other.Restartable,
            LostAfter ?? other.LostAfter,
            StartWithin ?? other.StartWithin
        );

    [JsonIgnore]
    public JobLimits Limits =>
        JobLimits.Default with
        {
            Failures = (int)(MaxFailures ?? JobLimits.Default.Failures),
            Losses = (int)(MaxLosses ?? JobLimits.Default.Losses),
            Restartable = Restartable ?? JobLimits.Default.Restartable,
        };

    [JsonIgnore]
    public Shape Shape =>
        new(
            Labels?.ToDictionary(l => l.Key, l => l.Value ?? "") ?? Labeling.None,
            new Capacity((long)Math.Round((Resources?.Cpu ?? 0) * 1000), Resources?.Memory ?? 0, Resources?.Gpus ?? 0)
        );

    [JsonIgnore]
    public long LostAfterMicros => LostAfter is null ? Timing.LostAfter : TimeoutAttribute.Micros(LostAfter)!.Value;

    [JsonIgnore]
    public long? StartWithinMicros => StartWithin is null ? null : TimeoutAttribute.Micros(StartWithin);

    /// <summary>What the types of the members do not say.</summary>
    public JobPolicy Checked()
    {
        CheckLabels(Labels);
        return LostAfterMicros is >= Timing.LeastLostAfter and <= Timing.MostLostAfter
            ? this
            : throw new InvalidInputException("lostAfter", "Must be from 60s to 24h.");
    }

    public static void CheckLabels(IReadOnlyDictionary<string, string?>? labels)
    {
        if (labels is null)
        {
            return;
        }

        var wrong =
            labels.Count > Labeling.Most ? $"More than {Labeling.Most} labels."
            : labels.FirstOrDefault(l => !Labeling.IsName(l.Key) || !Labeling.IsValue(l.Value ?? ""))
                is { Key: not null } label
                ? $"'{label.Key}={label.Value}' is no label: names and values are up to 63 letters, digits, '.', '_', "
                    + "'/' or '-', beginning with a letter or digit."
            : null;
        if (wrong is not null)
        {
            throw new InvalidInputException("labels", wrong);
        }
    }

    private static IReadOnlyDictionary<string, string?>? Merge(
        IReadOnlyDictionary<string, string?>? under,
        IReadOnlyDictionary<string, string?>? over
    )
    {
        if (under is null || over is null)
        {
            return over ?? under;
        }

        var all = under.ToDictionary();
        foreach (var (name, value) in over)
        {
            all[name] = value;
        }

        return all;
    }
}
