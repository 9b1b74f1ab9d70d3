using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Alidade.Server.Workers.Events;

/// <summary>The members of one event as they stand in the line; nested ones stay raw until they are needed.</summary>
internal ref struct EventFields
{
    public long Number;
    public long Time;
    public long? At;
    public long Count;
    public long StepNumber;
    public string? Kind;
    public string? Stream;
    public string? Level;
    public string? Message;
    public string? StepName;
    public string? Logger;
    public string? Name;
    public string? State;
    public string? Error;
    public string? What;
    public string? MediaType;
    public string? Description;
    public bool Folder;
    public ReadOnlySpan<byte> Value;
    public ReadOnlySpan<byte> Files;
    public ReadOnlySpan<byte> Task;

    public static EventFields Read(ReadOnlySpan<byte> line)
    {
        var fields = new EventFields();
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 64 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new FormatException("an event is a JSON object.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            fields.ReadMember(ref reader, line);
        }

        if (reader.BytesConsumed != line.Length && !line[(int)reader.BytesConsumed..].Trim(" \r\t"u8).IsEmpty)
        {
            throw new FormatException("something follows the object.");
        }

        return fields.Kind is null || fields.Number == 0 || fields.Time == 0
            ? throw new FormatException("n, t and k are required.")
            : fields;
    }

    public readonly double ValueNumber()
    {
        var reader = Reader(Value);
        return reader.TokenType switch
        {
            JsonTokenType.Number => reader.GetDouble(),
            JsonTokenType.String => ParseNumber(reader.GetString()!),
            JsonTokenType.StartObject => ParseNumber(Escaped()),
            _ => throw new FormatException("value must be a number."),
        };
    }

    /// <summary>The value as compact JSON.</summary>
    public readonly string ValueJson()
    {
        _ = Reader(Value);
        return Encoding.UTF8.GetString(Value);
    }

    public readonly string ValueText()
    {
        var reader = Reader(Value);
        return reader.TokenType == JsonTokenType.String
            ? Names.Storable(reader.GetString()!)
            : throw new FormatException("value must be a text.");
    }

    private static Utf8JsonReader Reader(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        return !json.IsEmpty && reader.Read() ? reader : throw new FormatException("value is missing.");
    }

    private static double ParseNumber(string text) =>
        text switch
        {
            "nan" => double.NaN,
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new FormatException($"value '{Names.Clip(text)}' is not a number."),
        };

    /// <summary>The text of <c>{"$":"float","v":"nan"}</c>.</summary>
    private readonly string Escaped()
    {
        var json = JsonSerializer.Deserialize<JsonElement>(Value, EventJson.Options);
        return json.TryGetProperty("v", out var v) && v.ValueKind == JsonValueKind.String
            ? v.GetString()!
            : throw new FormatException("value must be a number.");
    }

    private void ReadMember(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        var name = reader.ValueSpan;
        reader.Read();
        if (name.SequenceEqual("n"u8))
        {
            Number = reader.GetInt64();
        }
        else if (name.SequenceEqual("t"u8))
        {
            Time = reader.GetInt64();
        }
        else if (name.SequenceEqual("k"u8))
        {
            Kind = reader.GetString();
        }
        else if (name.SequenceEqual("m"u8))
        {
            Message = reader.GetString();
        }
        else if (name.SequenceEqual("s"u8))
        {
            Stream = reader.GetString();
        }
        else if (name.SequenceEqual("l"u8))
        {
            Level = reader.GetString();
        }
        else if (name.SequenceEqual("name"u8))
        {
            Name = reader.GetString();
        }
        else if (name.SequenceEqual("step"u8))
        {
            ReadStep(ref reader);
        }
        else if (name.SequenceEqual("value"u8))
        {
            Value = Raw(ref reader, line);
        }
        else
        {
            ReadRareMember(name, ref reader, line);
        }
    }

    private void ReadRareMember(
        scoped ReadOnlySpan<byte> name,
        scoped ref Utf8JsonReader reader,
        ReadOnlySpan<byte> line
    )
    {
        if (name.SequenceEqual("logger"u8))
        {
            Logger = reader.GetString();
        }
        else if (name.SequenceEqual("at"u8))
        {
            At = reader.TokenType == JsonTokenType.Null ? null : reader.GetInt64();
        }
        else if (name.SequenceEqual("state"u8))
        {
            State = reader.GetString();
        }
        else if (name.SequenceEqual("error"u8))
        {
            Error = reader.GetString();
        }
        else if (name.SequenceEqual("what"u8))
        {
            What = reader.GetString();
        }
        else if (name.SequenceEqual("count"u8))
        {
            Count = reader.GetInt64();
        }
        else if (name.SequenceEqual("mediaType"u8))
        {
            MediaType = reader.GetString();
        }
        else if (name.SequenceEqual("description"u8))
        {
            Description = reader.GetString();
        }
        else if (name.SequenceEqual("folder"u8))
        {
            Folder = reader.GetBoolean();
        }
        else if (name.SequenceEqual("files"u8))
        {
            Files = Raw(ref reader, line);
        }
        else if (name.SequenceEqual("task"u8))
        {
            Task = Raw(ref reader, line);
        }
        else
        {
            // Unknown members are ignored, so that a newer supervisor can say more.
            reader.Skip();
        }
    }

    private void ReadStep(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            StepNumber = reader.GetInt64();
        }
        else
        {
            StepName = reader.GetString();
        }
    }

    private static ReadOnlySpan<byte> Raw(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return line[start..(int)reader.BytesConsumed];
    }
}
