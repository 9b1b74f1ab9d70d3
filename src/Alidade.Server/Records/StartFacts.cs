using System.Text.Json;

namespace Alidade.Server.Records;

/// <summary>An attempt's start event as its supervisor wrote it; older supervisors say less.</summary>
internal sealed record StartFacts
{
    public string? Level { get; init; }
    public string? Python { get; init; }
    public string? Executable { get; init; }
    public string? Host { get; init; }
    public string? Alidade { get; init; }
    public string? Environment { get; init; }
    public string? Machine { get; init; }
    public long? Seed { get; init; }
    public int? Threads { get; init; }
    public bool? Network { get; init; }
    public double? Timeout { get; init; }
    public long? Memory { get; init; }
    public IReadOnlyList<string> Data { get; init; } = [];
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>The digests it refers to.</summary>
    public IEnumerable<string> Parts => new[] { Environment, Machine }.OfType<string>();

    /// <returns>Null before the start, and where the text is none of ours.</returns>
    public static StartFacts? Read(string? json)
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize<StartFacts>(json, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
