using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace Alidade.Server.MLflow.Protocol;

/// <summary>Single values of a request.</summary>
internal static class ProtoScalars
{
    public static bool IsScalar(Type type) =>
        type == typeof(string)
        || type == typeof(long)
        || type == typeof(double)
        || type == typeof(bool)
        || type == typeof(JsonElement)
        || type.IsEnum;

    public static bool TryRead(Type type, JsonElement json, [NotNullWhen(true)] out object? value)
    {
        value =
            type == typeof(string) ? Text(json)
            : type == typeof(long) ? Integer(json)
            : type == typeof(double) ? Number(json)
            : type == typeof(bool) ? Boolean(json)
            : type == typeof(JsonElement) ? json.Clone()
            : Name(type, json);
        return value is not null;
    }

    /// <summary>Null for what is no text that can be stored: half of a surrogate pair, or a NUL.</summary>
    private static string? Text(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.String)
        {
            return null;
        }

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

    private static object? Integer(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Number)
        {
            return json.TryGetInt64(out var number) ? number
                : json.TryGetDouble(out var real) && Math.Abs(real) < 9e15 && real == Math.Floor(real) ? (long)real
                : null;
        }

        return
            Text(json) is { } text
            && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed)
            ? parsed
            : null;
    }

    private static object? Number(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Number)
        {
            return json.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;
        }

        return Text(json) switch
        {
            null => null,
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            var text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed)
            && double.IsFinite(parsed)
                ? parsed
                : null,
        };
    }

    private static object? Boolean(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String => Text(json) switch
            {
                "true" => true,
                "false" => false,
                var text => throw MlflowException.Invalid($"Invalid boolean value: {text}, must be 'true' or 'false'."),
            },
            _ => null,
        };

    /// <summary>An enum by name or number. One that is not known is 0, which is unset: newer clients may know more.</summary>
    private static object? Name(Type type, JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Number || Integer(json) is not null)
        {
            return Integer(json) is long number && number is >= 0 and <= int.MaxValue
                ? Enum.ToObject(type, Enum.IsDefined(type, (int)number) ? (int)number : 0)
                : null;
        }

        return Text(json) is { } text
            ? Enum.GetValues(type).Cast<object>().FirstOrDefault(v => ProtoEnum.Name(v) == text)
                ?? Enum.ToObject(type, 0)
            : null;
    }
}

/// <summary>Names of enum values on the wire: <c>ACTIVE_ONLY</c>.</summary>
internal static class ProtoEnum
{
    public static string Name(object value) => JsonNamingPolicy.SnakeCaseUpper.ConvertName(value.ToString()!);
}
