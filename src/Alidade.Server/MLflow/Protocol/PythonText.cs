using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Alidade.Server.MLflow.Protocol;

/// <summary>Values as MLflow's errors quote them.</summary>
internal static class PythonText
{
    private const int Longest = 1000;

    private static readonly JsonSerializerOptions Compact = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Compact JSON; what is very long is cut.</summary>
    public static string Json(JsonElement value)
    {
        try
        {
            return Cut(JsonSerializer.Serialize(value, Compact));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // A text that is no Unicode can only be quoted as it came.
            return Cut(value.GetRawText());
        }
    }

    /// <summary>As Python writes JSON by default, with a space after each comma and colon; clients compare such texts.</summary>
    public static string Json(JsonNode? value) =>
        value switch
        {
            JsonObject map =>
                $"{{{string.Join(", ", map.Select(p => $"{JsonSerializer.Serialize(p.Key)}: {Json(p.Value)}"))}}}",
            JsonArray list => $"[{string.Join(", ", list.Select(Json))}]",
            null => "null",
            _ => value.ToJsonString(),
        };

    public static string Json(string value) => Cut(JsonSerializer.Serialize(value, Compact));

    /// <summary>A text as Python prints it within a list.</summary>
    public static string Repr(string value)
    {
        var quote =
            value.Contains('\'', StringComparison.Ordinal) && !value.Contains('"', StringComparison.Ordinal)
                ? '"'
                : '\'';
        var body = value
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("\r", "\\r", StringComparison.Ordinal)
            .Replace("\t", "\\t", StringComparison.Ordinal);
        return quote + (quote == '\'' ? body.Replace("'", "\\'", StringComparison.Ordinal) : body) + quote;
    }

    public static string List(IEnumerable<string> values) => $"[{string.Join(", ", values.Select(Repr))}]";

    public static string TypeName(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => "str",
            JsonValueKind.Number => value.TryGetInt64(out _) ? "int" : "float",
            JsonValueKind.True or JsonValueKind.False => "bool",
            JsonValueKind.Array => "list",
            JsonValueKind.Object => "dict",
            _ => "NoneType",
        };

    private static string Cut(string text) => text.Length <= Longest ? text : text[..Longest] + "...";
}
