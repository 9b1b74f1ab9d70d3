using System.Text.Json;
using System.Text.Json.Serialization;

namespace Alidade.Client.Http;

/// <summary>Floats as numbers, and as the words <c>nan</c>, <c>inf</c>, <c>-inf</c> where JSON has no number.</summary>
internal sealed class FloatConverter : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        reader.TokenType != JsonTokenType.String
            ? reader.GetDouble()
            : reader.GetString()?.ToLowerInvariant() switch
            {
                "nan" => double.NaN,
                "inf" or "infinity" => double.PositiveInfinity,
                "-inf" or "-infinity" => double.NegativeInfinity,
                var text => throw new JsonException($"\"{text}\" is no number"),
            };

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteStringValue(
                double.IsNaN(value) ? "nan"
                : value > 0 ? "inf"
                : "-inf"
            );
        }
    }
}
