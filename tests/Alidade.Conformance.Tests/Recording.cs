using System.Text.Json;

namespace Alidade.Conformance.Tests;

/// <summary>One recorded conversation with a peer, from an empty server.</summary>
public sealed record Conversation(string Test, IReadOnlyList<Exchange> Exchanges);

/// <summary>One request and its recorded answer.</summary>
/// <param name="To"><c>server</c>, or <c>mlflow</c> for the tracking server beside it.</param>
/// <param name="Type">The request's content type, or null.</param>
public sealed record Exchange(
    string To,
    string Method,
    string Path,
    IReadOnlyList<IReadOnlyList<string>> Query,
    string? Type,
    Content Body,
    int Status,
    Content Response
)
{
    public bool ToTracking => To == "mlflow";
}

/// <summary>What was sent or answered, in whichever form it was recorded.</summary>
public sealed record Content(JsonElement Json, string? Text, byte[]? Base64);

/// <summary>The recordings beside the tests.</summary>
public static class Recordings
{
    private static readonly JsonSerializerOptions Wire = new(JsonSerializerDefaults.Web);

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Dioptra");

    /// <summary>The conversations known not to pass, by name.</summary>
    public static IReadOnlySet<string> NotYet { get; } =
        File.ReadLines(Path.Combine(Folder, "not-yet.txt"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .ToHashSet(StringComparer.Ordinal);

    public static IEnumerable<string> Areas =>
        Directory.GetFiles(Folder, "*.jsonl").Select(f => Path.GetFileNameWithoutExtension(f));

    public static IReadOnlyList<Conversation> Of(string area) =>
        [
            .. File.ReadLines(Path.Combine(Folder, area + ".jsonl"))
                .Select(line => JsonSerializer.Deserialize<Conversation>(line, Wire)!),
        ];
}
