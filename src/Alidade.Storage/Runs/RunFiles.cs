using System.Text.Json;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>
/// What a run has under a path: a file, or the files of a folder. A job hands over a folder as one row; a tracking client
/// uploads files one by one, and their folders are only in their names: both are found alike.
/// </summary>
/// <param name="Files">Of a folder relative to it and in order of path; a single file under its own name.</param>
public sealed record RunFiles(string Path, bool IsFolder, IReadOnlyList<ArtifactFile> Files)
{
    public long Size => Files.Sum(f => f.Size);

    /// <param name="path">Without slashes at its ends; empty for all files of the run.</param>
    /// <returns>Null when there is nothing.</returns>
    public static RunFiles? Find(ISession read, string run, string path)
    {
        var rows = read.Query<RunArtifact>(
            """
            SELECT * FROM run_artifact WHERE run = @Run AND (
                path = @Path OR @Path = '' OR SUBSTR(path, 1, LENGTH(@Path) + 1) = @Path || '/'
                OR (folder = 1 AND SUBSTR(@Path, 1, LENGTH(path) + 1) = path || '/')
            ) ORDER BY at
            """,
            new { Run = run, Path = path }
        );
        var files = new SortedDictionary<string, ArtifactFile>(StringComparer.Ordinal);
        foreach (var (name, file) in rows.SelectMany(Named))
        {
            files[name] = file;
        }

        if (files.TryGetValue(path, out var single))
        {
            return new RunFiles(path, false, [single with { Path = path[(path.LastIndexOf('/') + 1)..] }]);
        }

        var below = path.Length == 0 ? "" : path + "/";
        List<ArtifactFile> inside =
        [
            .. files
                .Where(f => f.Key.StartsWith(below, StringComparison.Ordinal))
                .Select(f => f.Value with { Path = f.Key[below.Length..] }),
        ];
        var isThere = inside.Count > 0 || rows.Any(r => r.Path == path && r.Folder != 0);
        return isThere ? new RunFiles(path, true, inside) : null;
    }

    /// <summary>Every file of a row under its path in the run.</summary>
    private static IEnumerable<(string Name, ArtifactFile File)> Named(RunArtifact row)
    {
        var files = JsonSerializer.Deserialize<ArtifactFile[]>(row.Content, JsonSerializerOptions.Web)!;
        return row.Folder == 0
            ? files.Take(1).Select(f => (row.Path, f))
            : files.Select(f => ($"{row.Path}/{f.Path}", f));
    }
}
