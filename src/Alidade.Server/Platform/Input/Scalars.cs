using System.Globalization;
using System.Text.Json;

namespace Alidade.Server.Platform.Input;

/// <summary>Single values, with the leniency that clients of the wire rely on: "1" is an integer, "yes" is a boolean.</summary>
internal static class Scalars
{
    private static readonly HashSet<string> True = new(
        ["true", "t", "yes", "y", "on", "1"],
        StringComparer.OrdinalIgnoreCase
    );
    private static readonly HashSet<string> False = new(
        ["false", "f", "no", "n", "off", "0"],
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>What to say when a value is not of this type; null for a type that is no scalar.</summary>
    public static string? Message(Type type) =>
        type == typeof(string) ? "Not a valid string."
        : type == typeof(long) || type == typeof(int) ? "Not a valid integer."
        : type == typeof(bool) ? "Not a valid boolean."
        : type == typeof(double) ? "Not a valid number."
        : null;

    public static bool TryRead(Type type, JsonElement json, out object? value)
    {
        value = null;
        if (type == typeof(string))
        {
            value = json.ValueKind == JsonValueKind.String ? Text(json) : null;
        }
        else if (type == typeof(long))
        {
            value = Integer(json);
        }
        else if (type == typeof(int))
        {
            value = Integer(json) is { } number and >= int.MinValue and <= int.MaxValue ? (int)number : null;
        }
        else if (type == typeof(bool))
        {
            value = Boolean(json);
        }
        else if (type == typeof(double))
        {
            value = Number(json);
        }

        return value is not null;
    }

    public static bool? ParseBoolean(string text) =>
        True.Contains(text) ? true
        : False.Contains(text) ? false
        : null;

    public static long? ParseInteger(string text) =>
        long.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>
    /// The text, or null for what is none: half of a surrogate pair, which JSON can escape and UTF-8 cannot hold, or a NUL,
    /// which PostgreSQL does not store.
    /// </summary>
    internal static string? Text(JsonElement json)
    {
        try
        {
            var text = json.GetString()!;
            return text.Contains('\0', StringComparison.Ordinal) ? null : text;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Whether every text in it is one that can be written again.</summary>
    internal static bool CanBeWritten(JsonElement json)
    {
        try
        {
            using var writer = new Utf8JsonWriter(Stream.Null);
            json.WriteTo(writer);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static long? Integer(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.String => Text(json) is { } text ? ParseInteger(text) : null,
            JsonValueKind.Number when json.TryGetInt64(out var number) => number,
            JsonValueKind.Number
                when json.TryGetDouble(out var number) && Math.Abs(number) < 9e15 && number == Math.Floor(number) =>
                (long)number,
            _ => null,
        };

    private static bool? Boolean(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String => Text(json) is { } text ? ParseBoolean(text) : null,
            JsonValueKind.Number when json.TryGetInt64(out var number) && number is 0 or 1 => json.GetInt64() == 1,
            _ => null,
        };

    /// <summary>JSON has no NaN and no infinity: they come as the texts that Python prints.</summary>
    private static double? Number(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out var number) && double.IsFinite(number))
        {
            return number;
        }

        if (json.ValueKind != JsonValueKind.String || Text(json) is not { } text)
        {
            return null;
        }

        return text.Trim().ToUpperInvariant() switch
        {
            "NAN" => double.NaN,
            "INF" or "INFINITY" or "+INF" or "+INFINITY" => double.PositiveInfinity,
            "-INF" or "-INFINITY" => double.NegativeInfinity,
            _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) ? number : null,
        };
    }
}
