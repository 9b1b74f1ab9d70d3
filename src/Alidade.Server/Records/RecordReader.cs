using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Engine.Protocol;
using Alidade.Server.Platform;
using Alidade.Storage.Jobs;
using Alidade.Storage.Records;

namespace Alidade.Server.Records;

/// <summary>How a record looks on the wire.</summary>
internal static class RecordReader
{
    public static RecordView View(RecordRows rows) =>
        new(rows.Job, rows.Detail.Run, Definition(rows), [.. rows.Attempts.Select(a => Attempt(rows, a))]);

    private static DefinitionView Definition(RecordRows rows)
    {
        var detail = rows.Detail;
        var plan = Plan(detail);
        var entrypoint = plan["entrypoint"];
        return new DefinitionView(
            new RecordedEntrypoint(
                entrypoint?["id"]?.GetValue<long>() ?? rows.Entrypoint?.Id ?? 0,
                detail.EntrypointSnapshot,
                entrypoint?["name"]?.GetValue<string>() ?? rows.Entrypoint?.Name ?? ""
            ),
            detail.PlanDigest,
            plan["parameters"]?.DeepClone().AsObject() ?? JsonNode.Parse(detail.ParameterValues)!.AsObject(),
            Files(detail.Plugins),
            Files(detail.Inputs),
            detail.Seed,
            detail.SeedGiven != 0
        );
    }

    /// <summary>The compiled plan; empty when there is none.</summary>
    public static JsonObject Plan(JobDetail detail) =>
        detail.Plan is null ? [] : JsonNode.Parse(detail.Plan)!.AsObject();

    public static AttemptRecord Attempt(RecordRows rows, RecordedAttempt attempt) =>
        new(
            attempt.Number,
            attempt.State,
            attempt.Worker,
            rows.KeptOf(attempt),
            attempt.Started is { } started && rows.Starts[attempt.Number] is { } facts
                ? Start(rows, started, facts)
                : null,
            attempt.Ended is { } ended ? End(attempt, ended) : null
        );

    private static StartRecord Start(RecordRows rows, long started, StartFacts facts) =>
        new(
            Wire.Time(started),
            facts.Level,
            facts.Python,
            facts.Executable,
            facts.Host,
            facts.Alidade,
            facts.Seed,
            facts.Threads,
            facts.Network,
            facts.Timeout,
            facts.Memory,
            facts.Data,
            facts.Secrets,
            Part(rows, facts.Environment),
            Part(rows, facts.Machine)
        );

    private static EndRecord End(RecordedAttempt attempt, long ended)
    {
        var remains = AttemptRemains.Read(attempt.Remains) ?? new AttemptRemains([], []);
        return new EndRecord(
            Wire.Time(ended),
            attempt.Reason,
            attempt.ExitCode,
            attempt.Signal,
            attempt.PeakMemory,
            attempt.CpuSeconds,
            remains.Results,
            [.. remains.Outputs.Select(o => new RecordedOutput(o.Path, o.Folder != 0, o.Size, o.Digest))],
            remains.IsWhole
        );
    }

    private static RecordedPart? Part(RecordRows rows, string? digest) =>
        digest is null
            ? null
            : new RecordedPart(
                digest,
                rows.Parts.GetValueOrDefault(digest) is { } part ? JsonNode.Parse(part.Body)!.AsObject() : null
            );

    private static GrantFile[] Files(string json) =>
        JsonSerializer.Deserialize<GrantFile[]>(json, JsonSerializerOptions.Web)!;
}
