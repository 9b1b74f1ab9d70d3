using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Server.Artifacts;
using Alidade.Server.Jobs;
using Alidade.Server.Metrics;
using Alidade.Server.Pages.Parts;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform.Security;
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
    TimeProvider time
)
{
    public async Task<JobModel> LoadAsync(Caller caller, long id, HttpContext context)
    {
        var cancellation = context.RequestAborted;
        var job = await jobs.GetAsync(caller, id, cancellation);
        var tries = await attempts.ListAsync(caller, id, cancellation);
        var last = tries.LastOrDefault();
        return new JobModel(JobItems.Of(job), Address.Of(context.Request), time.GetUtcNow())
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
            Environment = Environment(job, last),
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

    private static IReadOnlyList<KeyValuePair<string, string>> Environment(JobView job, AttemptView? attempt)
    {
        List<KeyValuePair<string, string?>> facts =
        [
            new("run", job.RunId),
            new("seed", job.Seed.ToString()),
            new("timeout", job.Timeout),
            new("exit code", attempt?.ExitCode?.ToString()),
            new("signal", attempt?.Signal?.ToString()),
            new("peak memory", attempt?.PeakMemory is { } bytes ? Say.Bytes(bytes) : null),
            new("CPU time", attempt?.CpuSeconds is { } seconds ? Say.Duration(seconds) : null),
        ];
        if (attempt?.Facts is { } json && JsonNode.Parse(json) is JsonObject said)
        {
            facts.AddRange(
                said.Select(fact => KeyValuePair.Create(fact.Key, fact.Value is null ? null : TextOf(fact.Value))!)
            );
        }

        return
        [
            .. facts.Where(fact => fact.Value is not null).Select(fact => KeyValuePair.Create(fact.Key, fact.Value!)),
        ];
    }

    private static string TextOf(JsonNode? value) =>
        value is null ? "null"
        : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>()
        : value.ToJsonString();

    private static DateTimeOffset? At(long? microseconds) => microseconds is { } value ? Say.At(value) : null;
}
