using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Server.Pages.Parts;
using Alidade.Server.Records;

namespace Alidade.Server.Pages.Jobs;

/// <summary>A job's record as its page shows it, and what it differs in from another.</summary>
/// <param name="Error">Why there is no comparison although one was asked for.</param>
public sealed record RecordSheet(RecordView Record, ComparisonView? Comparison = null, string? Error = null)
{
    public IEnumerable<AttemptRecord> NewestFirst => Record.Attempts.Reverse();

    /// <summary>What was fixed at submit, but for the files.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Definition =>
        Pairs(
            ("run", Record.RunId),
            ("entrypoint", $"{Record.Definition.Entrypoint.Name}, snapshot {Record.Definition.Entrypoint.Snapshot}"),
            ("plan", Record.Definition.PlanDigest),
            ("seed", $"{Record.Definition.Seed}, {(Record.Definition.SeedGiven ? "given" : "drawn")}")
        );

    public static IReadOnlyList<KeyValuePair<string, string>> Start(AttemptRecord attempt) =>
        attempt.Start is { } start
            ? Pairs(
                ("worker", attempt.Worker),
                ("isolation", start.Level),
                ("threads", Text(start.Threads)),
                ("network", start.Network is { } network ? (network ? "on" : "off") : null),
                ("time limit", start.Timeout is { } timeout ? Say.Duration(timeout) : null),
                ("memory limit", start.Memory is { } memory ? Say.Bytes(memory) : null),
                ("data folders", Listed(start.Data)),
                ("secrets", Listed(start.Secrets)),
                ("alidade", start.Alidade)
            )
            : [];

    public static IReadOnlyList<KeyValuePair<string, string>> Machine(AttemptRecord attempt) =>
        attempt.Start is { } start
            ? [.. Pairs(("host", start.Host)), .. Facts(start.Machine?.Facts, name => name == "memory")]
            : [];

    public static IReadOnlyList<KeyValuePair<string, string>> Environment(AttemptRecord attempt) =>
        attempt.Start is { } start
            ?
            [
                .. Pairs(("executable", start.Executable), ("digest", start.Environment?.Digest)),
                .. Facts(start.Environment?.Facts, _ => false),
            ]
            : [];

    public static IReadOnlyList<KeyValuePair<string, string>> Packages(AttemptRecord attempt) =>
        Facts(attempt.Start?.Environment?.Facts?["packages"] as JsonObject, _ => false);

    public static IReadOnlyList<KeyValuePair<string, string>> End(AttemptRecord attempt) =>
        attempt.End is { } end
            ? Pairs(
                ("reason", end.Reason),
                ("exit code", Text(end.Exit)),
                ("signal", Text(end.Signal)),
                ("peak memory", end.PeakMemory is { } bytes ? Say.Bytes(bytes) : null),
                ("CPU time", end.CpuSeconds is { } seconds ? Say.Duration(seconds) : null),
                ("not listed", end.Whole ? null : "more results or outputs")
            )
            : [];

    public static IReadOnlyList<KeyValuePair<string, string>> Results(AttemptRecord attempt) =>
        Pairs([.. (attempt.End?.Results ?? []).Select(r => (r.Name, (string?)(r.Sha256 ?? Text(r.Value))))]);

    public static IReadOnlyList<KeyValuePair<string, string>> Outputs(AttemptRecord attempt) =>
        Pairs([.. (attempt.End?.Outputs ?? []).Select(o => (o.Path, o.Sha256))]);

    private static IReadOnlyList<KeyValuePair<string, string>> Facts(JsonObject? facts, Func<string, bool> isBytes) =>
        Pairs([
            .. (facts ?? [])
                .Where(fact => fact.Value is not (JsonObject or JsonArray { Count: 0 }))
                .Select(fact =>
                    (fact.Key, isBytes(fact.Key) ? Say.Bytes(fact.Value!.GetValue<long>()) : Text(fact.Value))
                ),
        ]);

    private static string? Listed(IReadOnlyList<string> names) => names.Count == 0 ? null : string.Join(", ", names);

    private static string? Text(int? number) => number?.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string? Text(JsonNode? value) =>
        value is null ? null
        : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>()
        : value.ToJsonString();

    private static IReadOnlyList<KeyValuePair<string, string>> Pairs(params (string Name, string? Value)[] items) =>
        [.. items.Where(i => i.Value is not null).Select(i => KeyValuePair.Create(i.Name, i.Value!))];
}
