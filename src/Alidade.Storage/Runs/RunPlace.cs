using System.Globalization;
using System.Text.Json;

namespace Alidade.Storage.Runs;

/// <summary>
/// Where a page ended: the run, and what it was ordered by then. The next page begins there, whatever has become of the run.
/// </summary>
/// <param name="Keys">JSON list of what the order compared; null where only the run is known.</param>
internal sealed record RunPlace(string Run, string? Keys)
{
    /// <summary>So that what was ordered by is not taken for what is.</summary>
    /// <param name="order">Names the order.</param>
    public string Text(string order) => $"{Run}.{order}{Keys}";

    public static RunPlace Read(string text, string order)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
        {
            return new RunPlace(text, null);
        }

        var keys = text.AsSpan(dot + 1);
        return new RunPlace(text[..dot], keys.StartsWith(order) ? keys[order.Length..].ToString() : null);
    }

    /// <summary>Null when it is no list of numbers and texts.</summary>
    public IReadOnlyList<object>? Values()
    {
        try
        {
            using var list = JsonDocument.Parse(Keys!);
            object[] values =
            [
                .. list
                    .RootElement.EnumerateArray()
                    .Select(key => key.ValueKind == JsonValueKind.String ? (object)key.GetString()! : key.GetInt64()),
            ];
            return values.OfType<string>().Any(text => text.Contains('\0', StringComparison.Ordinal)) ? null : values;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>A name for an order that two others hardly share.</summary>
    public static string NameOf(IEnumerable<RunOrder> order)
    {
        var text = string.Join('\n', order);
        var hash = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text));
        return BitConverter.ToUInt64(hash).ToString("x16", CultureInfo.InvariantCulture);
    }
}
