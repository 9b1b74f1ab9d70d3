using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Alidade.Engine.Graphs;
using Alidade.Engine.Issues;
using Alidade.Engine.Values;

namespace Alidade.Engine.Plans;

/// <summary>The entrypoint as one plain JSON document, in the order <c>types, parameters, tasks, graph, …</c>.</summary>
public static class EntrypointConfig
{
    /// <returns>No JSON when a graph is not YAML; the issues say where.</returns>
    public static (string? Json, IReadOnlyList<Issue> Issues) Write(EntrypointDefinition definition)
    {
        var (root, issues) = ConfigDocument.Build(definition);
        if (root is null)
        {
            return (null, issues);
        }
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, ValueJson.WriterOptions))
        {
            Write(json, root.ToValue());
        }
        return (Encoding.UTF8.GetString(buffer.WrittenSpan), issues);
    }

    /// <summary>Plain JSON has no escapes: keys become text, and numbers it lacks become strings.</summary>
    private static void Write(Utf8JsonWriter json, Value value)
    {
        switch (value)
        {
            case MapValue map:
                json.WriteStartObject();
                foreach (var (key, member) in map.Entries)
                {
                    json.WritePropertyName(Key(key));
                    Write(json, member);
                }
                json.WriteEndObject();
                break;
            case ListValue list:
                json.WriteStartArray();
                foreach (var item in list.Items)
                {
                    Write(json, item);
                }
                json.WriteEndArray();
                break;
            case IntegerValue integer:
                json.WriteRawValue(integer.Number.ToString(CultureInfo.InvariantCulture), skipInputValidation: true);
                break;
            case FloatValue real when !double.IsFinite(real.Number):
                json.WriteStringValue(real.Number.ToString(CultureInfo.InvariantCulture));
                break;
            default:
                ValueJson.Write(json, value);
                break;
        }
    }

    private static string Key(Value key) =>
        key switch
        {
            StringValue text => text.Text,
            IntegerValue integer => integer.Number.ToString(CultureInfo.InvariantCulture),
            _ => ValueJson.ToText(key),
        };
}
