using System.Text.Json.Nodes;

namespace Alidade.Server.Platform.Errors;

/// <summary>Named values as a sentence for people and as an object for programs.</summary>
internal static class Facts
{
    public static string Sentence(IReadOnlyList<(string Name, object Value)> facts)
    {
        var parts = facts.Select(f => $"{f.Name} having value ({Text(f.Value)})").ToList();
        return parts.Count < 2 ? string.Concat(parts) : $"{string.Join(", ", parts[..^1])} and {parts[^1]}";
    }

    public static JsonObject Detail(IReadOnlyList<(string Name, object Value)> facts)
    {
        var detail = new JsonObject();
        foreach (var (name, value) in facts)
        {
            detail[name] = value switch
            {
                long number => number,
                int number => number,
                IEnumerable<long> numbers => new JsonArray([.. numbers.Select(n => (JsonNode)n)]),
                _ => value.ToString(),
            };
        }

        return detail;
    }

    private static string? Text(object value) =>
        value is IEnumerable<long> numbers ? string.Join(", ", numbers) : value.ToString();
}
