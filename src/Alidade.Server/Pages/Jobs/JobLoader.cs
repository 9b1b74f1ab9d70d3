using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Engine.Jobs;
using Alidade.Server.Artifacts;
using Alidade.Server.Jobs;
using Alidade.Server.Metrics;
using Alidade.Server.Pages.Parts;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;
using Alidade.Server.Records;
using Alidade.Server.Runs;

namespace Alidade.Server.Pages.Jobs;

/// <summary>Gathers what a job's page shows from the features that know it.</summary>
internal sealed class JobLoader(
    JobService jobs,
    JobAttempts attempts,
    RunService runs,
    MetricService metrics,
    ArtifactService artifacts,
    ArtifactContents contents,
    RecordService records,
    TimeProvider time
)
{
    public async Task<JobModel> LoadAsync(Caller caller, long id, HttpContext context)
    {
        var cancellation = context.RequestAborted;
        var job = await jobs.GetAsync(caller, id, cancellation);
        var tries = await attempts.ListAsync(caller, id, cancellation);
        var last = tries.LastOrDefault();
        var address = Address.Of(context.Request);
        return new JobModel(JobItems.Of(job), address, time.GetUtcNow())
        {
            Steps = [.. (await runs.StepsAsync(caller, id, cancellation)).Select(StepOf)],
            Charts =
            [
                .. (await metrics.ChartsAsync(caller, id, cancellation))
                    .OrderByDescending(chart => chart.Count > 1)
                    .ThenBy(chart => MetricOrder.Of(chart.Name))
                    .Select(chart => chart.Name),
            ],
            Results =
            [
                .. (await runs.ResultsAsync(caller, id, cancellation)).Select(result =>
                    KeyValuePair.Create(result.Name, TextOf(result.Value))
                ),
            ],
            Artifacts = await ArtifactsAsync(caller, job, cancellation),
            History = [.. (await jobs.HistoryAsync(caller, id, cancellation)).Select(HistoryOf)],
            Record = address["view"] == "record" ? await RecordAsync(caller, id, address["with"], cancellation) : null,
            Needs = NeedsOf(job),
            WaitingReason = job.WaitingReason,
            Reason = job.Reason,
            Traceback = last?.Traceback,
            FailedStep = job.State == "failed" ? last?.Step : null,
            Worker = last?.Worker,
            Seed = job.Seed,
            Attempts = job.Attempts,
            RunId = job.RunId,
            Server = ServerAddress.Of(context),
            MayChange = caller.Groups.GetValueOrDefault(job.Group.Id) >= Role.Contributor,
            Version = $"{job.State}:{job.Snapshot}",
        };
    }

    private async Task<IReadOnlyList<ArtifactItem>> ArtifactsAsync(
        Caller caller,
        JobView job,
        CancellationToken cancellation
    )
    {
        var items = new List<ArtifactItem>();
        foreach (var reference in job.Artifacts ?? [])
        {
            var artifact = await artifacts.GetAsync(caller, reference.Id, cancellation);
            var name = NameOf(artifact.ArtifactUri);
            if (!artifact.IsDir)
            {
                items.Add(new ArtifactItem(name, artifact.FileSize ?? 0, MediaTypes.Of(name), artifact.FileUrl));
                continue;
            }

            items.AddRange(
                (await contents.FilesAsync(caller, reference.Id, cancellation))
                    .Where(file => !file.IsDir)
                    .Select(file => new ArtifactItem(
                        $"{name}/{file.RelativePath}",
                        file.FileSize ?? 0,
                        MediaTypes.Of(file.RelativePath),
                        file.FileUrl
                    ))
            );
        }

        return items;
    }

    /// <summary>The path within the run: what stands after its folder of artifacts.</summary>
    internal static string NameOf(string uri)
    {
        const string folder = "/artifacts/";
        var at = uri.IndexOf(folder, StringComparison.Ordinal);
        return at < 0 ? uri : uri[(at + folder.Length)..];
    }

    private static StepItem StepOf(StepView step) =>
        new(step.Name, step.Task, step.State, At(step.Started), At(step.Ended), step.After, step.Error);

    private static HistoryItem HistoryOf(JobEventView change) =>
        new(
            Say.At(change.Time),
            change.State,
            change.Username ?? change.Worker ?? change.Actor,
            change.Message ?? change.Reason
        );

    private async Task<RecordSheet> RecordAsync(Caller caller, long id, string? other, CancellationToken cancellation)
    {
        var record = await records.GetAsync(caller, id, cancellation);
        if (other is null)
        {
            return new RecordSheet(record);
        }

        if (!long.TryParse(other, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return new RecordSheet(record, Error: $"'{other}' is no number of a job.");
        }

        try
        {
            return new RecordSheet(record, await records.CompareAsync(caller, id, number, cancellation));
        }
        catch (NotFoundException)
        {
            return new RecordSheet(record, Error: $"There is no job {number} that you may see.");
        }
    }

    /// <summary>What was asked of queue and worker, but for what is as it always is.</summary>
    private static IReadOnlyList<KeyValuePair<string, string>> NeedsOf(JobView job) =>
        [
            .. new KeyValuePair<string, string?>[]
            {
                new("priority", job.Priority == 0 ? null : job.Priority.ToString()),
                new("after jobs", job.After.Count == 0 ? null : string.Join(", ", job.After)),
                new("labels", job.Labels.Count == 0 ? null : Labeling.Say(job.Labels)),
                new("processors", job.Resources.Cpu == 0 ? null : job.Resources.Cpu.ToString("0.###")),
                new("memory", job.Resources.Memory == 0 ? null : Say.Bytes(job.Resources.Memory)),
                new("GPUs", job.Resources.Gpus == 0 ? null : job.Resources.Gpus.ToString()),
                new("retries", job.Restartable ? $"{job.MaxFailures} of failures, {job.MaxLosses} of losses" : "none"),
            }
                .Where(need => need.Value is not null)
                .Select(need => KeyValuePair.Create(need.Key, need.Value!)),
        ];

    private static string TextOf(JsonNode? value) =>
        value is null ? "null"
        : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>()
        : value.ToJsonString();

    private static DateTimeOffset? At(long? microseconds) => microseconds is { } value ? Say.At(value) : null;
}
