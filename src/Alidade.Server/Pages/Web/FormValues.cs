using System.Globalization;
using System.Text.Json.Nodes;

namespace Alidade.Server.Pages.Web;

/// <summary>
/// Texts of a form as values of a request. What is no number stays text, for the rules of the request to refuse.
/// </summary>
internal static class FormValues
{
    /// <summary>Leaves out what was left empty.</summary>
    public static void AddTyped(this JsonObject body, string name, JsonNode? value)
    {
        if (value is not null)
        {
            body[name] = value;
        }
    }

    public static JsonNode? Whole(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : text;

    public static JsonNode? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && double.IsFinite(n)
            ? n
            : text;

    /// <summary>As one types it; null for nothing.</summary>
    public static string? Text(double? number) => number?.ToString("0.###", CultureInfo.InvariantCulture);

    public static string[] Parts(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
