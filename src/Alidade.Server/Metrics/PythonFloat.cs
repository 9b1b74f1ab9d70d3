using System.Text.Json;
using System.Text.Json.Serialization;

namespace Alidade.Server.Metrics;

/// <summary>A number on the wire: JSON where JSON has it, else the text that Python prints.</summary>
public sealed class PythonFloat : JsonConverter<double>
{
    public static string Text(double value) =>
        double.IsNaN(value) ? "nan"
        : value > 0 ? "inf"
        : "-inf";

    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number
            ? reader.GetDouble()
            : reader.GetString() switch
            {
                "nan" => double.NaN,
                "inf" => double.PositiveInfinity,
                "-inf" => double.NegativeInfinity,
                _ => throw new JsonException("Not a number."),
            };

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteStringValue(Text(value));
        }
    }
}
