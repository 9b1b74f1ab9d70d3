using System.Text.Json;

namespace Alidade.Storage.Platform;

/// <summary>
/// Where a page ended: the row, and what it was ordered by then. The next page begins there, whatever has become of the row.
/// </summary>
/// <param name="Row">Its id.</param>
/// <param name="Keys">JSON list of what the order compared; null where only the row is known.</param>
public sealed record KeyPlace(string Row, string? Keys)
{
    /// <summary>A token stands in addresses, so long texts are left out: then the place is where the row stands next time.</summary>
    private const int Longest = 2_000;

    /// <summary>As a page token has it: with the name of the order, so that no other takes the keys for its own.</summary>
    public string Text(Keyset order) => Keys?.Length > Longest ? Row : $"{Row}.{order.Name}{Keys}";

    public static KeyPlace Read(string text, Keyset order)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
        {
            return new KeyPlace(text, null);
        }

        var (name, keys) = (order.Name, text[(dot + 1)..]);
        return new KeyPlace(text[..dot], keys.StartsWith(name, StringComparison.Ordinal) ? keys[name.Length..] : null);
    }

    /// <summary>Null when they are not known, or nothing that this order compares.</summary>
    public IReadOnlyList<object>? Values(Keyset order)
    {
        if (string.IsNullOrEmpty(Keys))
        {
            return null;
        }

        try
        {
            using var list = JsonDocument.Parse(Keys);
            object[] values =
            [
                .. list
                    .RootElement.EnumerateArray()
                    .Select(key => key.ValueKind == JsonValueKind.String ? (object)key.GetString()! : key.GetInt64()),
            ];
            return order.Fits(values) && !values.OfType<string>().Any(text => text.Contains('\0')) ? values : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
