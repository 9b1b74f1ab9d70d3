using System.Globalization;
using System.Text.Json.Nodes;
using Alidade.Client;

namespace Alidade.Tracking;

/// <summary>
/// Sends what MLflow logged to a run in its file store. Points, parameters, tags and files sent again are there once, so
/// an interrupted sending is begun anew.
/// </summary>
internal sealed class MlrunsSender(AlidadeClient client, Run run, string folder)
{
    private const int PointsAtOnce = 1000;
    private const int TextsAtOnce = 100;

    public async Task SendAsync(CancellationToken cancellation)
    {
        if (
            !Directory.Exists(folder)
            || Directory.GetDirectories(folder, run.Id, SearchOption.AllDirectories) is not [var home, ..]
        )
        {
            return;
        }

        foreach (var points in Files(home, "metrics").SelectMany(Points).Chunk(PointsAtOnce))
        {
            await LogAsync(new { run_id = run.Id, metrics = points }, cancellation);
        }

        foreach (var texts in Files(home, "params").Select(Text).Chunk(TextsAtOnce))
        {
            await LogAsync(new { run_id = run.Id, @params = texts }, cancellation);
        }

        foreach (var texts in Files(home, "tags").Where(IsSaid).Select(Text).Chunk(TextsAtOnce))
        {
            await LogAsync(new { run_id = run.Id, tags = texts }, cancellation);
        }

        foreach (var (name, path) in Files(home, "artifacts"))
        {
            await using var content = File.OpenRead(path);
            await client.Runs.PutFileAsync(run, name, content, cancellation);
        }
    }

    private Task<JsonNode> LogAsync(object batch, CancellationToken cancellation) =>
        client.Runs.TrackAsync("runs/log-batch", batch, cancellation);

    /// <summary>The files below a part of the run by their path in it: a name with slashes is a path there.</summary>
    private static IEnumerable<(string Name, string Path)> Files(string home, string part)
    {
        var root = Path.Combine(home, part);
        return Directory.Exists(root)
            ? Directory
                .EnumerateFiles(root, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(p => (Path.GetRelativePath(root, p).Replace('\\', '/'), p))
            : [];
    }

    /// <summary>A run nobody named has its id for a name there; the server has drawn a better one.</summary>
    private bool IsSaid((string Name, string Path) tag) =>
        tag.Name != "mlflow.runName" || File.ReadAllText(tag.Path).Trim() != run.Id;

    private static object Text((string Name, string Path) file) =>
        new { key = file.Name, value = File.ReadAllText(file.Path) };

    /// <summary>A line is time, value and step; one that was cut off by a crash is left out.</summary>
    private static IEnumerable<object> Points((string Name, string Path) file) =>
        from line in File.ReadLines(file.Path)
        let words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        where words.Length >= 2 && IsNumber(words[0])
        select new
        {
            key = file.Name,
            timestamp = long.Parse(words[0], CultureInfo.InvariantCulture),
            value = Value(words[1]),
            step = words.Length > 2 && IsNumber(words[2]) ? long.Parse(words[2], CultureInfo.InvariantCulture) : 0,
        };

    private static bool IsNumber(string word) => long.TryParse(word, CultureInfo.InvariantCulture, out _);

    /// <summary>As the protocol writes what JSON has no number for.</summary>
    private static string Value(string word) =>
        word switch
        {
            "nan" => "NaN",
            "inf" => "Infinity",
            "-inf" => "-Infinity",
            _ => word,
        };
}
