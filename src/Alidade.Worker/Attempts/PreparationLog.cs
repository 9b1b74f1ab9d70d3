using System.Text.Json;
using System.Text.Json.Serialization;
using Alidade.Worker.Protocol;

namespace Alidade.Worker.Attempts;

/// <summary>
/// The lines of an attempt's log from before it has a supervisor: the first file of <c>events/</c>, whose numbers the
/// supervisor goes on from.
/// </summary>
internal sealed class PreparationLog(AttemptFolder folder, TimeProvider time)
{
    private const int LongestLine = 4000;
    private const int MostLines = 10_000;

    private readonly Lock _gate = new();
    private long _last;

    public void Say(string line)
    {
        lock (_gate)
        {
            if (_last >= MostLines)
            {
                return;
            }

            var text = line.Length <= LongestLine ? line : line[..LongestLine] + " …";
            var at = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10;
            var entry = new LogEvent(++_last, at, "log", "system", "INFO", text.Replace('\0', '\uFFFD'));
            File.AppendAllText(
                Path.Combine(folder.Events, "000001.ndjson"),
                JsonSerializer.Serialize(entry, WorkerJson.Default.LogEvent) + "\n"
            );
        }
    }
}

/// <summary>An event <c>log</c> of docs/reference/attempt-folder.md.</summary>
internal sealed record LogEvent(
    [property: JsonPropertyName("n")] long Number,
    [property: JsonPropertyName("t")] long Time,
    [property: JsonPropertyName("k")] string Kind,
    [property: JsonPropertyName("s")] string Stream,
    [property: JsonPropertyName("l")] string Level,
    [property: JsonPropertyName("m")] string Message
);
