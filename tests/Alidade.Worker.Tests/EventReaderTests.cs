using System.Text;
using Alidade.Testing;
using Alidade.Worker.Attempts;

namespace Alidade.Worker.Tests;

public sealed class EventReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _last;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Whatever_the_supervisor_writes_arrives_once_and_in_order_across_files_restarts_and_rewinds()
    {
        var random = new Random(7);
        using var first = new EventReader(_folder.Path);
        var reader = first;
        var received = new List<string>();
        var written = new List<string>();
        var file = 1;
        for (var round = 0; round < 2000; round++)
        {
            switch (random.Next(5))
            {
                case 0:
                    file += File.Exists(Name(file)) ? random.Next(2) : 0;
                    break;
                case 1:
                    reader.Dispose();
                    reader = new EventReader(_folder.Path);
                    reader.Seek(received.Count);
                    break;
                default:
                    Write(file, Enumerable.Range(0, random.Next(1, 40)).Select(_ => Line(random)), written);
                    break;
            }

            if (random.Next(3) == 0)
            {
                Receive(reader, received, random);
            }
        }

        Receive(reader, received, new Random(0), always: true);
        Assert.Equal(written, received);
        Assert.Equal(written.Count, reader.Accepted);
        Assert.True(Directory.GetFiles(_folder.Path).Length <= 2, "Files that were accepted are deleted.");
        reader.Dispose();
    }

    [Fact]
    public void A_line_is_not_read_before_its_end_is_written()
    {
        using var reader = new EventReader(_folder.Path);
        Assert.Null(reader.Read());
        Append(1, """{"n":1,"k":"start"}""" + "\n" + """{"n":2,"k":"lo""");
        var batch = reader.Read()!.Value;
        Assert.Equal((1, 1), (batch.First, batch.Last));
        reader.Accept(batch);
        Assert.Null(reader.Read());
        Append(1, "g\"}\n");
        Assert.Equal("""{"n":2,"k":"log"}""" + "\n", Text(reader.Read()!.Value));
    }

    [Fact]
    public void A_batch_is_bounded_and_a_longer_line_goes_alone()
    {
        var large = $$"""{"n":1,"k":"log","m":"{{new string('x', 3 << 20)}}"}""" + "\n";
        Append(1, large);
        Append(
            1,
            string.Concat(Enumerable.Range(2, 50_000).Select(n => $$"""{"n":{{n}},"k":"log","m":"{{n}}"}""" + "\n"))
        );
        using var reader = new EventReader(_folder.Path);
        var batch = reader.Read()!.Value;
        Assert.Equal(1, batch.First);
        var seen = 0L;
        while (reader.Read() is { } next)
        {
            Assert.Equal(seen + 1, next.First);
            Assert.True(next.Lines.Length <= 8 << 20);
            seen = next.Last;
            reader.Accept(next);
        }

        Assert.Equal(50_001, seen);
    }

    [Fact]
    public void A_damaged_line_is_reported_with_its_place()
    {
        Append(1, """{"n":1,"k":"start"}""" + "\n\0\0\0\0\n");
        using var reader = new EventReader(_folder.Path);
        var error = Assert.Throws<InvalidDataException>(() => reader.Read());
        Assert.Contains("000001.ndjson", error.Message, StringComparison.Ordinal);
        Assert.Contains("byte 20", error.Message, StringComparison.Ordinal);
    }

    private string Line(Random random)
    {
        var kind = random.Next(20) == 0 ? "artifact" : "log";
        return $$"""{"n":{{++_last}},"t":{{_last * 10}},"k":"{{kind}}","m":"{{new string('m', random.Next(400))}}"}""";
    }

    private void Write(int file, IEnumerable<string> lines, List<string> written)
    {
        foreach (var line in lines)
        {
            Append(file, line + "\n");
            written.Add(line);
        }
    }

    private static void Receive(EventReader reader, List<string> received, Random random, bool always = false)
    {
        while (reader.Read() is { } batch)
        {
            var lines = Text(batch).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal((received.Count + 1, received.Count + lines.Length), (batch.First, batch.Last));
            Assert.True(!batch.IsArtifact || lines.Length == 1);
            if (!always && random.Next(4) == 0)
            {
                // The answer was lost: the same lines must come again.
                return;
            }

            received.AddRange(lines);
            reader.Accept(batch);
        }
    }

    private static string Text(EventBatch batch) => Encoding.UTF8.GetString(batch.Lines.Span);

    private void Append(int file, string text) => File.AppendAllText(Name(file), text);

    private string Name(int file) => Path.Combine(_folder.Path, $"{file:000000}.ndjson");
}
