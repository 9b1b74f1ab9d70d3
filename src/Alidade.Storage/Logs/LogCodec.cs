using System.IO.Compression;
using System.Text;

namespace Alidade.Storage.Logs;

/// <summary>Lines as compressed bytes. The first byte is the version of the format.</summary>
internal static class LogCodec
{
    private const byte Version = 1;

    public static byte[] Encode(IReadOnlyList<LogLine> lines)
    {
        using var bytes = new MemoryStream();
        bytes.WriteByte(Version);
        using (var packed = new ZLibStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var writer = new BinaryWriter(packed, Encoding.UTF8))
        {
            writer.Write7BitEncodedInt(lines.Count);
            long before = 0;
            foreach (var line in lines)
            {
                writer.Write7BitEncodedInt64(line.Time - before);
                before = line.Time;
                writer.Write((byte)Index(LogLine.Streams, line.Stream));
                writer.Write((byte)Index(LogLine.Severities, line.Severity));
                writer.Write(line.Step ?? "");
                writer.Write(line.Logger ?? "");
                writer.Write(line.Message);
            }
        }

        return bytes.ToArray();
    }

    public static List<LogLine> Decode(byte[] bytes, long first)
    {
        if (bytes.Length == 0 || bytes[0] != Version)
        {
            throw new InvalidDataException("A log chunk is damaged or of a later version.");
        }

        using var packed = new ZLibStream(new MemoryStream(bytes, 1, bytes.Length - 1), CompressionMode.Decompress);
        using var reader = new BinaryReader(packed, Encoding.UTF8);
        var count = reader.Read7BitEncodedInt();
        var lines = new List<LogLine>(count);
        long time = 0;
        for (var i = 0; i < count; i++)
        {
            time += reader.Read7BitEncodedInt64();
            var stream = LogLine.Streams[reader.ReadByte()];
            var severity = LogLine.Severities[reader.ReadByte()];
            var step = reader.ReadString();
            var logger = reader.ReadString();
            lines.Add(
                new LogLine(
                    first + i,
                    time,
                    stream,
                    severity,
                    step.Length == 0 ? null : step,
                    logger.Length == 0 ? null : logger,
                    reader.ReadString()
                )
            );
        }

        return lines;
    }

    private static int Index(IReadOnlyList<string> words, string word)
    {
        for (var i = 0; i < words.Count; i++)
        {
            if (words[i] == word)
            {
                return i;
            }
        }

        throw new ArgumentException($"'{word}' is none of {string.Join(", ", words)}.", nameof(word));
    }
}
