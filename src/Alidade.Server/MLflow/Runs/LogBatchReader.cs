using System.Text.Json;

namespace Alidade.Server.MLflow.Runs;

/// <summary>
/// Reads a batch of points in one pass, as clients write it. Whatever else may stand there, wrong or merely rare, is left
/// to the reader of all messages: what this one accepts, that one reads the same.
/// </summary>
internal static class LogBatchReader
{
    /// <summary>Null for what is to be read by the other one.</summary>
    public static LogBatch? TryRead(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            return reader.Read() && Batch(ref reader) is { } batch && !reader.Read() ? batch : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Null, too, where a member is there twice.</summary>
    private static LogBatch? Batch(ref Utf8JsonReader reader)
    {
        string? run = null;
        List<MetricMessage>? metrics = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var read =
                run is null && Is(ref reader, "run_id"u8)
                    ? (run = Text(ref reader)) is { Length: > 0 }
                    : metrics is null && Is(ref reader, "metrics"u8) && (metrics = Metrics(ref reader)) is not null;
            if (!read)
            {
                return null;
            }
        }

        return run is not null && metrics is not null ? new LogBatch(run, metrics, [], []) : null;
    }

    private static List<MetricMessage>? Metrics(ref Utf8JsonReader reader)
    {
        var metrics = new List<MetricMessage>();
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            if (Metric(ref reader) is not { } metric)
            {
                return null;
            }

            metrics.Add(metric);
        }

        return reader.TokenType == JsonTokenType.EndArray ? metrics : null;
    }

    private static MetricMessage? Metric(ref Utf8JsonReader reader)
    {
        string? key = null;
        string? model = null;
        double? value = null;
        long? time = null;
        long? step = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var read =
                key is null && Is(ref reader, "key"u8) ? (key = Text(ref reader)) is { Length: > 0 }
                : value is null && Is(ref reader, "value"u8) ? (value = Number(ref reader)) is not null
                : time is null && Is(ref reader, "timestamp"u8) ? (time = Integer(ref reader)) is not null
                : step is null && Is(ref reader, "step"u8) ? (step = Integer(ref reader)) is not null
                : model is null && Is(ref reader, "model_id"u8) && (model = Text(ref reader)) is not null;
            if (!read)
            {
                return null;
            }
        }

        return key is not null && value is not null && time is not null
            ? new MetricMessage(key, value.Value, time.Value, step ?? 0, model)
            : null;
    }

    private static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) => reader.ValueTextEquals(name);

    /// <summary>Escapes may stand for what is no text.</summary>
    private static string? Text(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped ? reader.GetString() : null;

    private static long? Integer(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) ? number : null;

    private static double? Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.Number when reader.TryGetDouble(out var number) && double.IsFinite(number) => number,
            JsonTokenType.String when reader.ValueTextEquals("NaN"u8) => double.NaN,
            JsonTokenType.String when reader.ValueTextEquals("Infinity"u8) => double.PositiveInfinity,
            JsonTokenType.String when reader.ValueTextEquals("-Infinity"u8) => double.NegativeInfinity,
            _ => null,
        };
    }
}
