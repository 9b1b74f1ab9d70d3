using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Alidade.Engine.Values;

/// <summary>
/// The JSON form of values that server, agent and host share: plain JSON with one escape, an object with the member
/// <c>$</c>. Equal values give equal bytes. See docs/reference/attempt-folder.md.
/// </summary>
public static class ValueJson
{
    private const int MaxDepth = 256;
    private static readonly BigInteger Exact = new(1L << 53);

    /// <summary>Compact, unescaped beyond what JSON needs, so that equal documents are equal byte for byte.</summary>
    public static JsonWriterOptions WriterOptions { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MaxDepth };

    public static string ToText(Value value)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            Write(writer, value);
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <exception cref="FormatException">The text is not JSON, or misuses the escape.</exception>
    public static Value Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return Read(document.RootElement);
        }
        catch (JsonException error)
        {
            throw new FormatException($"This is not a value in JSON: {error.Message}", error);
        }
    }

    public static void Write(Utf8JsonWriter writer, Value value)
    {
        switch (value)
        {
            case NullValue:
                writer.WriteNullValue();
                break;
            case BooleanValue flag:
                writer.WriteBooleanValue(flag.Flag);
                break;
            case IntegerValue { Number: var number }:
                WriteInteger(writer, number);
                break;
            case FloatValue { Number: var number }:
                WriteFloat(writer, number);
                break;
            case StringValue text:
                writer.WriteStringValue(text.Text);
                break;
            case ListValue list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                {
                    Write(writer, item);
                }
                writer.WriteEndArray();
                break;
            case MapValue map:
                WriteMap(writer, map);
                break;
            case ReferenceValue reference:
                WriteEscape(writer, "ref", () => WriteReference(writer, reference.Target));
                break;
        }
    }

    /// <exception cref="FormatException">An object with the member <c>$</c> is none of the known forms.</exception>
    public static Value Read(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Null => Value.Null,
            JsonValueKind.True => Value.Of(true),
            JsonValueKind.False => Value.Of(false),
            JsonValueKind.String => Value.Of(element.GetString()!),
            JsonValueKind.Number => ReadNumber(element.GetRawText()),
            JsonValueKind.Array => new ListValue([.. element.EnumerateArray().Select(Read)]),
            JsonValueKind.Object => element.TryGetProperty("$", out var kind)
                ? ReadEscape(kind, element)
                : ReadObject(element),
            _ => throw new FormatException("A value is missing."),
        };

    /// <summary>A float as Python writes it, so that it is read back as a float and never as an integer.</summary>
    internal static string FloatText(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
        return text.AsSpan().IndexOfAny('.', 'e') < 0 ? text + ".0" : text;
    }

    private static void WriteInteger(Utf8JsonWriter writer, BigInteger number)
    {
        var digits = number.ToString(CultureInfo.InvariantCulture);
        if (BigInteger.Abs(number) <= Exact)
        {
            writer.WriteRawValue(digits, skipInputValidation: true);
            return;
        }
        WriteEscape(writer, "int", () => writer.WriteStringValue(digits));
    }

    private static void WriteFloat(Utf8JsonWriter writer, double number)
    {
        if (double.IsFinite(number))
        {
            writer.WriteRawValue(FloatText(number), skipInputValidation: true);
            return;
        }
        var name =
            double.IsNaN(number) ? "nan"
            : number > 0 ? "inf"
            : "-inf";
        WriteEscape(writer, "float", () => writer.WriteStringValue(name));
    }

    private static void WriteMap(Utf8JsonWriter writer, MapValue map)
    {
        if (map.Entries.Any(entry => entry.Key is not StringValue { Text: not "$" }))
        {
            var pairs = map.Entries.Select(Value (entry) => new ListValue([entry.Key, entry.Value]));
            WriteEscape(writer, "map", () => Write(writer, new ListValue([.. pairs])));
            return;
        }
        writer.WriteStartObject();
        foreach (var (key, value) in map.Entries)
        {
            writer.WritePropertyName(((StringValue)key).Text);
            Write(writer, value);
        }
        writer.WriteEndObject();
    }

    private static void WriteEscape(Utf8JsonWriter writer, string kind, Action content)
    {
        writer.WriteStartObject();
        writer.WriteString("$", kind);
        writer.WritePropertyName("v");
        content();
        writer.WriteEndObject();
    }

    private static void WriteReference(Utf8JsonWriter writer, Reference target)
    {
        var (kind, name, output) = target switch
        {
            ParameterReference parameter => ("parameter", parameter.Parameter, null),
            StepReference step => ("step", step.Step, step.Output),
            ArtifactReference artifact => ("artifact", artifact.Artifact, artifact.Output),
            _ => throw new InvalidOperationException($"{target.GetType().Name} has no JSON form."),
        };
        writer.WriteStartObject();
        writer.WriteString(kind, name);
        if (output is not null)
        {
            writer.WriteString("output", output);
        }
        writer.WriteEndObject();
    }

    private static Value ReadNumber(string raw) =>
        raw.AsSpan().IndexOfAny('.', 'e', 'E') < 0
            ? Value.Of(BigInteger.Parse(raw, CultureInfo.InvariantCulture))
            : Value.Of(double.Parse(raw, CultureInfo.InvariantCulture));

    private static MapValue ReadObject(JsonElement element)
    {
        var map = new MapBuilder<Value>();
        foreach (var member in element.EnumerateObject())
        {
            map.Set(Value.Of(member.Name), Read(member.Value));
        }
        return new MapValue(map.Entries);
    }

    private static Value ReadEscape(JsonElement kind, JsonElement element)
    {
        var known = kind.ValueKind == JsonValueKind.String && element.TryGetProperty("v", out _);
        var content = known ? element.GetProperty("v") : default;
        return (known ? kind.GetString() : null, content.ValueKind) switch
        {
            ("float", JsonValueKind.String) => content.GetString() switch
            {
                "nan" => Value.Of(double.NaN),
                "inf" => Value.Of(double.PositiveInfinity),
                "-inf" => Value.Of(double.NegativeInfinity),
                _ => throw Unknown(element),
            },
            ("int", JsonValueKind.String) when PythonNumbers.TryInteger(content.GetString()!, out var number) =>
                Value.Of(number),
            ("map", JsonValueKind.Array) => ReadPairs(content, element),
            ("ref", JsonValueKind.Object) => new ReferenceValue(ReadReference(content, element)),
            _ => throw Unknown(element),
        };
    }

    private static MapValue ReadPairs(JsonElement pairs, JsonElement element)
    {
        var map = new MapBuilder<Value>();
        foreach (var pair in pairs.EnumerateArray())
        {
            if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2)
            {
                throw Unknown(element);
            }
            map.Set(Read(pair[0]), Read(pair[1]));
        }
        return new MapValue(map.Entries);
    }

    private static Reference ReadReference(JsonElement content, JsonElement element)
    {
        string? Text(string member) =>
            content.TryGetProperty(member, out var found) && found.ValueKind == JsonValueKind.String
                ? found.GetString()
                : null;
        return (Text("parameter"), Text("step"), Text("artifact")) switch
        {
            ({ } parameter, null, null) => new ParameterReference(parameter),
            (null, { } step, null) => new StepReference(step, Text("output")),
            (null, null, { } artifact) => new ArtifactReference(artifact, Text("output")),
            _ => throw Unknown(element),
        };
    }

    private static FormatException Unknown(JsonElement element) =>
        new(
            $"An object with the member \"$\" must be one of the forms float, int, map and ref: {element.GetRawText()}"
        );
}
