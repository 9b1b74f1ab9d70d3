using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Alidade.Engine.Plans;
using Alidade.Server.Jobs.Policies;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Secrets;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;

namespace Alidade.Server.Jobs;

/// <summary>Takes a job in: checks it in the order clients know, compiles its plan, pins what it runs, and queues it.</summary>
public sealed class JobSubmitService(
    Stores stores,
    JobViews views,
    JobSignals signals,
    SubmittedEntrypoints entrypoints
)
{
    private const int LongestKey = 255;

    public async Task<JobView> SubmitAsync(
        Caller caller,
        long experiment,
        JobInput input,
        string? key,
        CancellationToken cancellation
    )
    {
        if (key is { Length: 0 or > LongestKey })
        {
            throw new InvalidInputException(
                "Idempotency-Key",
                $"Give 1 to {LongestKey} characters, or no such header."
            );
        }

        var (job, view) = await stores.Core.WriteAsync(
            tx => Submit(tx, caller, experiment, input, key),
            cancellation: cancellation
        );
        signals.Publish(job);
        return view;
    }

    private (JobRow, JobView) Submit(ITransaction tx, Caller caller, long experiment, JobInput input, string? key)
    {
        var fingerprint = key is null ? "" : Fingerprint(experiment, input);
        if (key is not null && JobSubmit.Repeated(tx, caller.UserId, (key, fingerprint)) is { } earlier)
        {
            var found = earlier.Job ?? throw Reused(key);
            return (found, views.One(tx, found));
        }

        var parts = JobParts.Find(tx, caller, experiment, input, entrypoints);
        WaitingLimit.Require(tx, parts.Experiment.GroupId);
        SecretGrants.Require(
            tx,
            parts.Secrets,
            new(parts.Experiment.GroupId, parts.Entrypoint.Id, parts.Entrypoint.GroupId, parts.Queue.Id)
        );
        var values = JobValueChecks.Values(parts.Definition, input.Values);
        var from = caller.ReferringFrom(parts.Experiment.GroupId);
        var artifacts = JobArtifacts.Check(tx, from, parts, input.ArtifactValues);
        var plan = PlanCompiler.Compile(
            new PlanRequest(parts.Identity, parts.Definition, values.Given, artifacts.Inputs)
        );
        JobValueChecks.RefuseUnfit(plan);
        var policy = Policy(tx, input, parts);
        var times = JobTimes.Of(tx, input, policy);
        var after = JobTimes.After(tx, from, input);
        var made = Resources.Create(
            tx,
            JobReader.Kind,
            caller,
            parts.Experiment.GroupId,
            new Content(null, input.Description, new { })
        );
        var shape = policy.Shape with { DataFolders = [.. parts.DataFolders.Order(StringComparer.Ordinal)] };
        var detail = Detail(input, parts, values, artifacts, plan);
        var job = JobSubmit
            .Submit(
                tx,
                new NewJob
                {
                    Id = made.Id,
                    Head = made.Snapshot,
                    GroupId = parts.Experiment.GroupId,
                    UserId = caller.UserId,
                    Experiment = experiment,
                    Entrypoint = parts.Entrypoint.Id,
                    Queue = parts.Queue.Id,
                    Priority = (int)input.Priority,
                    Limits = policy.Limits,
                    Shape = shape,
                    LostAfter = policy.LostAfterMicros,
                    RunAt = times.NotBefore,
                    NotAfter = times.NotAfter,
                    After = after,
                    AfterPolicy = Enum.Parse<AfterPolicy>(input.AfterPolicy, ignoreCase: true),
                    TimeLimit = TimeoutAttribute.Micros(input.Timeout ?? TimeoutAttribute.Default)!.Value,
                    Idempotency = key is null ? null : (key, fingerprint),
                    Detail = detail,
                }
            )
            .Job!;
        return (job, views.New(tx, job, detail, caller, parts, shape, after));
    }

    /// <summary>Its own word over the entrypoint's over the queue's.</summary>
    private static JobPolicy Policy(ITransaction tx, JobInput input, JobParts parts)
    {
        var own = new JobPolicy(input.Labels, input.Resources, input.MaxFailures, input.MaxLosses);
        JobPolicy.CheckLabels(input.Labels);
        var all = PolicyService.Effective(tx, own, parts.Entrypoint.Id, parts.Queue.Id);
        JobPolicy.CheckLabels(all.Labels);
        return all;
    }

    private static JobDetail Detail(
        JobInput input,
        JobParts parts,
        JobValueChecks values,
        JobArtifacts artifacts,
        PlanResult plan
    ) =>
        new()
        {
            Run = Guid.NewGuid().ToString("N"),
            Description = input.Description,
            Timeout = input.Timeout ?? TimeoutAttribute.Default,
            ExperimentSnapshot = parts.Experiment.Snapshot,
            EntrypointSnapshot = parts.Entrypoint.Snapshot,
            QueueSnapshot = parts.Queue.Snapshot,
            ParameterValues = JsonSerializer.Serialize(values.All, JsonSerializerOptions.Web),
            ArtifactValues = JsonSerializer.Serialize(artifacts.Pins, JsonSerializerOptions.Web),
            Seed = input.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue),
            SeedGiven = input.Seed is null ? 0 : 1,
            Plan = plan.Plan?.Json,
            PlanDigest = plan.Plan?.Digest,
            PlanError = plan.Plan is null ? Problems(plan) : null,
            Plugins = JsonSerializer.Serialize(artifacts.Plugins, JsonSerializerOptions.Web),
            Inputs = JsonSerializer.Serialize(artifacts.Files, JsonSerializerOptions.Web),
            DataFolders = JsonSerializer.Serialize(parts.DataFolders),
            Secrets = JsonSerializer.Serialize(parts.Secrets),
        };

    private static string Problems(PlanResult plan) =>
        "The entrypoint cannot run:\n"
        + string.Join(
            '\n',
            plan.Issues.Where(i => i.Severity == Engine.Issues.IssueSeverity.Error).Take(20).Select(i => "- " + i)
        );

    private static string Fingerprint(long experiment, JobInput input) =>
        Convert.ToHexStringLower(
            SHA256.HashData(
                Encoding.UTF8.GetBytes(experiment + JsonSerializer.Serialize(input, JsonSerializerOptions.Web))
            )
        );

    private static RefusedException Reused(string key) =>
        new(
            "IdempotencyKeyReusedError",
            $"The Idempotency-Key '{key}' was used for another request. Use a new key for a new job."
        );
}
