using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Alidade.Server.Platform.Errors;
using Alidade.Storage.Metrics;

namespace Alidade.Server.Metrics;

/// <summary>
/// How many points of each series an answer knew of. What has come since is exactly what a later answer must add, whatever
/// its steps and times are and whether it is compacted by then.
/// </summary>
internal sealed class SeriesCursor
{
    private readonly Dictionary<(string Run, int Number), long> _seen = [];
    private readonly string _question;

    private SeriesCursor(string question) => _question = question;

    /// <param name="runs">Of the question, in its order.</param>
    public static SeriesCursor Of(IReadOnlyList<string> runs, IEnumerable<SeriesSummary> series)
    {
        var cursor = new SeriesCursor(Digest(runs));
        foreach (var summary in series)
        {
            cursor._seen[(summary.Run, summary.Number)] = summary.Count;
        }

        return cursor;
    }

    /// <exception cref="InvalidInputException">It is none, or belongs to another question.</exception>
    public static SeriesCursor Read(string text, IReadOnlyList<string> runs)
    {
        try
        {
            var bytes = Base64Url.DecodeFromChars(text);
            var read = JsonSerializer.Deserialize<Text>(bytes, JsonSerializerOptions.Web);
            if (read is { Question: { } question, Seen: { } seen } && question == Digest(runs))
            {
                var cursor = new SeriesCursor(question);
                foreach (var part in seen)
                {
                    cursor._seen[(runs[(int)part[0]], (int)part[1])] = part[2];
                }

                return cursor;
            }
        }
        catch (Exception e)
            when (e is FormatException or JsonException or IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            throw Wrong();
        }

        throw Wrong();
    }

    public long Seen(SeriesSummary summary) => _seen.GetValueOrDefault((summary.Run, summary.Number));

    public string Write(IReadOnlyList<string> runs)
    {
        var places = runs.Select((run, i) => (run, i)).ToDictionary(r => r.run, r => r.i);
        var seen = _seen.Select(s => new[] { places[s.Key.Run], s.Key.Number, s.Value }).ToArray();
        return Base64Url.EncodeToString(
            JsonSerializer.SerializeToUtf8Bytes(new Text(_question, seen), JsonSerializerOptions.Web)
        );
    }

    private static InvalidInputException Wrong() =>
        new(
            "cursor",
            "It is not the cursor of an earlier answer for the same jobs and runs. Leave it out to begin anew."
        );

    private static string Digest(IReadOnlyList<string> runs) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(' ', runs))).AsSpan(0, 6));

    private sealed record Text(string? Question, long[][]? Seen);
}
