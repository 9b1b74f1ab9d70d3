using System.Text.Json;

namespace Alidade.Worker.Attempts;

/// <summary>Whole lines of an event file, in order. An artifact event stands alone, so its files can go first.</summary>
internal readonly record struct EventBatch(ReadOnlyMemory<byte> Lines, long First, long Last, long End, bool IsArtifact)
{
    /// <summary>What the agent needs to know about one line: its number, and whether files belong to it.</summary>
    /// <returns>False when the line is no event.</returns>
    public static bool TryRead(ReadOnlySpan<byte> line, out long number, out bool isArtifact)
    {
        (number, isArtifact) = (0, false);
        try
        {
            var reader = new Utf8JsonReader(line);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            // The supervisor writes both members first, so the rest is seldom looked at.
            for (var found = 0; found < 2 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName; )
            {
                var (isNumber, isKind) = (reader.ValueTextEquals("n"u8), reader.ValueTextEquals("k"u8));
                reader.Read();
                if (isNumber)
                {
                    number = reader.GetInt64();
                    found++;
                }
                else if (isKind)
                {
                    isArtifact = reader.ValueTextEquals("artifact"u8);
                    found++;
                }
                else
                {
                    reader.Skip();
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }

        return number > 0;
    }
}
