using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Alidade.Server.Platform.Input;

/// <summary>
/// Reads a record's constructor parameters from a JSON object. A parameter without a default is required; a nullable one
/// accepts null. Texts of the errors are those that clients of the wire already know.
/// </summary>
internal static class RecordReader
{
    private const int LongestList = 100_000;

    private static readonly NullabilityInfoContext Nullability = new();
    private static readonly ConcurrentDictionary<Type, Field[]> Shapes = new();

    /// <param name="without">A field that is to be unknown here; its value is the default of its type.</param>
    public static object? Read(Type type, JsonElement json, JsonObject errors, string? without = null)
    {
        var fields = Shapes.GetOrAdd(type, Describe);
        var values = new object?[fields.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            values[i] = fields[i].Name == without ? null : ReadField(fields[i], json, errors);
        }

        foreach (var member in json.EnumerateObject())
        {
            if (member.Name == without || !fields.Any(f => f.Name == member.Name))
            {
                errors[member.Name] = new JsonArray("Unknown field.");
            }
        }

        return errors.Count == 0 ? Activator.CreateInstance(type, values) : null;
    }

    private static object? ReadField(Field field, JsonElement json, JsonObject errors)
    {
        if (!json.TryGetProperty(field.Name, out var value))
        {
            if (field.Required)
            {
                errors[field.Name] = new JsonArray("Missing data for required field.");
            }

            return field.Default;
        }

        var error = Convert(field.Type, field.Nullable, field.Rules, value, out var converted);
        if (error is not null)
        {
            errors[field.Name] = error;
        }

        return converted;
    }

    /// <summary>Null when the value was taken, else what is wrong with it: a list of texts or nested errors.</summary>
    private static JsonNode? Convert(
        Type type,
        bool nullable,
        IReadOnlyList<RuleAttribute> rules,
        JsonElement json,
        out object? value
    )
    {
        value = null;
        if (json.ValueKind == JsonValueKind.Null)
        {
            return nullable ? null : new JsonArray("Field may not be null.");
        }

        if (ItemType(type) is { } item)
        {
            return ConvertList(item, json, out value) ?? Check(rules, value!);
        }

        if (type == typeof(IReadOnlyDictionary<string, string?>))
        {
            return ConvertTexts(json, out value);
        }

        if (type == typeof(JsonElement))
        {
            value = json.Clone();
            return Scalars.CanBeWritten(json) ? Check(rules, value) : new JsonArray("Not a valid string.");
        }

        if (Scalars.Message(type) is { } message)
        {
            return Scalars.TryRead(type, json, out value) ? Check(rules, value!) : new JsonArray(message);
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            return new JsonObject { ["_schema"] = new JsonArray("Invalid input type.") };
        }

        var nested = new JsonObject();
        value = Read(type, json, nested);
        return nested.Count == 0 ? null : nested;
    }

    private static JsonNode? ConvertList(Type item, JsonElement json, out object? value)
    {
        value = null;
        if (json.ValueKind != JsonValueKind.Array)
        {
            return new JsonArray("Not a valid list.");
        }

        if (json.GetArrayLength() > LongestList)
        {
            return new JsonArray($"Longer than maximum length {LongestList}.");
        }

        var items = (System.Collections.IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item))!;
        var errors = new JsonObject();
        var index = 0;
        foreach (var element in json.EnumerateArray())
        {
            if (Convert(item, false, [], element, out var converted) is { } error)
            {
                errors[index.ToString(System.Globalization.CultureInfo.InvariantCulture)] = error;
            }
            else
            {
                items.Add(converted);
            }

            index++;
        }

        value = items;
        return errors.Count == 0 ? null : errors;
    }

    private static JsonNode? ConvertTexts(JsonElement json, out object? value)
    {
        var texts = new Dictionary<string, string?>(StringComparer.Ordinal);
        value = texts;
        if (json.ValueKind != JsonValueKind.Object)
        {
            return new JsonArray("Not a valid mapping type.");
        }

        var errors = new JsonObject();
        foreach (var member in json.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null)
            {
                texts[member.Name] = null;
            }
            else if (member.Value.ValueKind == JsonValueKind.String && Scalars.Text(member.Value) is { } text)
            {
                texts[member.Name] = text;
            }
            else
            {
                errors[member.Name] = new JsonObject { ["value"] = new JsonArray("Not a valid string.") };
            }
        }

        return errors.Count == 0 ? null : errors;
    }

    private static JsonArray? Check(IReadOnlyList<RuleAttribute> rules, object value)
    {
        var broken = rules.Select(r => r.Check(value)).OfType<string>().ToList();
        return broken.Count == 0 ? null : new JsonArray([.. broken.Select(b => (JsonNode)b)]);
    }

    private static Type? ItemType(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
            ? type.GetGenericArguments()[0]
            : null;

    private static Field[] Describe(Type type)
    {
        var constructor = type.GetConstructors().OrderByDescending(c => c.GetParameters().Length).First();
        return [.. constructor.GetParameters().Select(Describe)];
    }

    private static Field Describe(ParameterInfo parameter)
    {
        bool nullable;
        lock (Nullability)
        {
            nullable = Nullability.Create(parameter).WriteState == NullabilityState.Nullable;
        }

        var rules = parameter.GetCustomAttributes<RuleAttribute>().ToList();
        nullable |= Nullable.GetUnderlyingType(parameter.ParameterType) is not null;
        return new Field(
            JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!),
            Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType,
            !parameter.HasDefaultValue,
            nullable && !rules.OfType<NotNullAttribute>().Any(),
            parameter.DefaultValue is DBNull ? null : parameter.DefaultValue,
            rules
        );
    }

    private sealed record Field(
        string Name,
        Type Type,
        bool Required,
        bool Nullable,
        object? Default,
        IReadOnlyList<RuleAttribute> Rules
    );
}
