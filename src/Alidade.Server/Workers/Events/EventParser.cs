using System.Text.Json;
using Alidade.Storage.Logs;
using Alidade.Storage.Metrics;

namespace Alidade.Server.Workers.Events;

/// <summary>
/// Reads lines of an attempt's events. Strict: numbers must be dense, kinds known, members of the right type; one wrong
/// line refuses the batch, because a supervisor never writes one.
/// </summary>
public static class EventParser
{
    public const int LongestLine = 4 << 20;

    /// <param name="after">Events up to this number are known and are skipped.</param>
    /// <exception cref="EventFormatException">A line is wrong.</exception>
    /// <exception cref="EventGapException">The first line comes too late.</exception>
    public static AttemptEvents Parse(ReadOnlySpan<byte> lines, long after)
    {
        var batch = new Batch(after);
        while (!lines.IsEmpty)
        {
            var end = lines.IndexOf((byte)'\n');
            var line = end < 0 ? lines : lines[..end];
            lines = end < 0 ? [] : lines[(end + 1)..];
            if (!line.IsEmpty)
            {
                Read(line, batch);
            }
        }

        return batch.Done();
    }

    private static void Read(ReadOnlySpan<byte> line, Batch batch)
    {
        if (line.Length > LongestLine)
        {
            throw new EventFormatException(
                $"The line after event {batch.Last} has {line.Length} bytes; the most is {LongestLine}."
            );
        }

        try
        {
            var fields = EventFields.Read(line);
            if (batch.Takes(fields.Number))
            {
                Add(fields, line, batch);
            }
        }
        catch (Exception e)
            when (e is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new EventFormatException($"The line after event {batch.Last} cannot be read: {e.Message}", e);
        }
    }

    private static void Add(in EventFields e, ReadOnlySpan<byte> line, Batch batch)
    {
        var (n, t) = (e.Number, e.Time);
        switch (e.Kind)
        {
            case "log":
                batch.Lines.Add(
                    new LogLine(
                        0,
                        t,
                        Among(LogLine.Streams, e.Stream, "s"),
                        Among(LogLine.Severities, e.Level, "l"),
                        Names.Clip(e.StepName),
                        Names.Clip(e.Logger),
                        Names.Text(e.Message, "m")
                    )
                );
                break;
            case "metric":
                batch.Points.Add(
                    new MetricPoint(Names.Required(e.Name, "name"), e.StepNumber, e.At ?? t, e.ValueNumber())
                );
                break;
            case "lost":
                batch.Lines.Add(
                    new LogLine(
                        0,
                        t,
                        "system",
                        "WARNING",
                        null,
                        null,
                        $"{e.Count} of {Names.Required(e.What, "what")} were dropped because a quota was used up."
                    )
                );
                break;
            case "start":
                batch.Core.Add(new StartEvent(n, t, System.Text.Encoding.UTF8.GetString(line)));
                break;
            case "step":
                var state = Among(["running", "finished", "failed"], e.State, "state");
                var error = e.Error is null ? null : Names.Storable(e.Error);
                batch.Core.Add(new StepEvent(n, t, Names.Required(e.StepName, "step"), state, error));
                break;
            case "result":
                batch.Core.Add(new ResultEvent(n, t, Names.Required(e.Name, "name"), e.ValueJson()));
                break;
            case "parameter":
                batch.Core.Add(new ParameterEvent(n, t, Names.Required(e.Name, "name"), e.ValueText()));
                break;
            case "tag":
                batch.Core.Add(new TagEvent(n, t, Names.Required(e.Name, "name"), e.ValueText()));
                break;
            case "artifact":
                batch.Core.Add(ArtifactEvents.Read(e));
                break;
            default:
                throw new FormatException($"'{e.Kind}' is no kind of event.");
        }
    }

    private static string Among(IReadOnlyList<string> words, string? word, string member) =>
        words.FirstOrDefault(w => w == word)
        ?? throw new FormatException($"{member} is '{word}' and must be one of {string.Join(", ", words)}.");

    /// <summary>What has been read so far.</summary>
    private sealed class Batch(long after)
    {
        private long _from;

        public long Last { get; private set; }
        public List<LogLine> Lines { get; } = [];
        public List<MetricPoint> Points { get; } = [];
        public List<CoreEvent> Core { get; } = [];

        /// <summary>Counts an event in; false when it is known already.</summary>
        public bool Takes(long number)
        {
            if (Last == 0 && number > after + 1)
            {
                throw new EventGapException(after + 1, number);
            }

            if (number < 1 || (Last != 0 && number != Last + 1))
            {
                throw new FormatException($"n is {number} where {Last + 1} is expected.");
            }

            Last = number;
            if (number <= after)
            {
                return false;
            }

            _from = _from == 0 ? number : _from;
            return true;
        }

        public AttemptEvents Done() => _from == 0 ? AttemptEvents.Nothing : new(_from, Last, Lines, Points, Core);
    }
}
