using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Alidade.Server.Platform.Input;

namespace Alidade.Server.Metrics;

/// <param name="Timestamp">ISO-8601; now when it is left out.</param>
public sealed record MetricInput(
    [MetricName] string Name,
    double Value,
    long Step = 0,
    [Timestamp] string? Timestamp = null
);

public sealed record MetricView(string Name, [property: JsonConverter(typeof(PythonFloat))] double Value);

public sealed record MetricPointView(
    string Name,
    [property: JsonConverter(typeof(PythonFloat))] double Value,
    long Step,
    string Timestamp
);

/// <summary>The metrics of one job in a list of jobs.</summary>
public sealed record JobMetricsView(long Id, IReadOnlyList<MetricView> Metrics);

/// <summary>A series as a chart's legend needs it.</summary>
public sealed record ChartView(
    string Name,
    long Count,
    [property: JsonConverter(typeof(PythonFloat))] double Last,
    long LastStep,
    [property: JsonConverter(typeof(PythonFloat))] double Min,
    [property: JsonConverter(typeof(PythonFloat))] double Max
);

/// <summary>Points as columns; times in microseconds.</summary>
public sealed record SeriesView(
    string Name,
    IReadOnlyList<long> Steps,
    [property: JsonConverter(typeof(PythonFloats))] IReadOnlyList<double> Values,
    IReadOnlyList<long> Times
);

/// <summary>A column of numbers.</summary>
public sealed class PythonFloats : JsonConverter<IReadOnlyList<double>>
{
    private static readonly PythonFloat Number = new();

    public override IReadOnlyList<double> Read(
        ref Utf8JsonReader reader,
        Type typeToConvert,
        JsonSerializerOptions options
    )
    {
        var values = new List<double>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            values.Add(Number.Read(ref reader, typeof(double), options));
        }

        return values;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<double> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var number in value)
        {
            Number.Write(writer, number, options);
        }

        writer.WriteEndArray();
    }
}

/// <summary>An identifier of at least one letter.</summary>
public sealed class MetricNameAttribute : RuleAttribute
{
    public override string? Check(object value) =>
        IdentifierAttribute.IsIdentifier((string)value)
            ? null
            : $"'{value}' is not a compatible name for a metric. A metric name must start with a letter or underscore, "
                + "followed by letters, numbers, or underscores. In addition, '_' is not a valid metric name.";
}

/// <summary>A moment in ISO-8601.</summary>
public sealed class TimestampAttribute : RuleAttribute
{
    public override string? Check(object value) => Micros((string)value) is null ? "Not a valid datetime." : null;

    public static long? Micros(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10
            : null;
}
