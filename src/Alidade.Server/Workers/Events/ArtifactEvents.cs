using System.Text.Json;

namespace Alidade.Server.Workers.Events;

/// <summary>Reads what an artifact event says about files; the paths become part of links and archives.</summary>
internal static class ArtifactEvents
{
    private const int MostFiles = 100_000;
    private const int LongestPath = 1024;

    public static ArtifactEvent Read(in EventFields e)
    {
        var files = e.Files.IsEmpty ? null : JsonSerializer.Deserialize<EventFile[]>(e.Files, EventJson.Options);
        if (files is null || files.Length > MostFiles || (files.Length != 1 && !e.Folder))
        {
            throw new FormatException($"files must list one file, or up to {MostFiles} of a folder.");
        }

        foreach (var file in files)
        {
            Check(file);
        }

        var task = e.Task.IsEmpty ? null : JsonSerializer.Deserialize<EventTask>(e.Task, EventJson.Options);
        return new ArtifactEvent(
            e.Number,
            e.Time,
            CheckPath(Names.Required(e.Name, "name")),
            e.Folder,
            files,
            Names.Clip(e.MediaType),
            e.Description is null ? null : Names.Storable(e.Description),
            task
        );
    }

    /// <summary>A relative path that stays where it is put.</summary>
    public static string CheckPath(string path) =>
        path.Length is > 0 and <= LongestPath
        && !path.StartsWith('/')
        && !path.Contains('\\', StringComparison.Ordinal)
        && !path.Any(char.IsControl)
        && path.Split('/').All(part => part is not ("" or "." or ".."))
            ? path
            : throw new FormatException($"'{Names.Clip(path)}' is not a relative path of plain names.");

    private static void Check(EventFile file)
    {
        CheckPath(file.Path ?? "");
        var isDigest =
            file.Sha256 is { Length: 64 } && file.Sha256.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));
        if (!isDigest || file.Size < 0)
        {
            throw new FormatException($"file '{file.Path}' needs a size and a SHA-256 in lower case.");
        }
    }
}
