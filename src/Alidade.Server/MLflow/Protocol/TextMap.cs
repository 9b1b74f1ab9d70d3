using System.Text.Json;

namespace Alidade.Server.MLflow.Protocol;

/// <summary>An object of texts, as clients from 3.0 on send tags and metadata.</summary>
internal static class TextMap
{
    /// <param name="longest">Longer values are cut.</param>
    public static Dictionary<string, string> Read(JsonElement? json, string parameter, int longest)
    {
        if (json is not { } map)
        {
            return [];
        }

        if (
            map.ValueKind != JsonValueKind.Object
            || map.EnumerateObject().Any(p => p.Value.ValueKind != JsonValueKind.String)
        )
        {
            throw MlflowException.WrongType(parameter, PythonText.Json(map), PythonText.TypeName(map));
        }

        return map.EnumerateObject()
            .GroupBy(p => p.Name)
            .ToDictionary(g => g.Key, g => Keys.Fit(g.Last().Value.GetString()!, longest));
    }
}
