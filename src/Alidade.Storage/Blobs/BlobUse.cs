using Alidade.Storage.Platform;

namespace Alidade.Storage.Blobs;

/// <summary>
/// Which blobs the database refers to. The places are read in the order in which a reference is copied from one to the
/// next: one that moves on while this reads is met before or after.
/// </summary>
public static class BlobUse
{
    private const int Page = 500;

    public static async Task<BlobMarks> MarkAsync(IStore core, CancellationToken cancellation)
    {
        var marks = new BlobMarks();
        await WalkAsync(core, marks, PluginFiles, 0L, cancellation);
        await WalkAsync(core, marks, RunFiles, ("", ""), cancellation);
        await WalkAsync(core, marks, Artifacts, 0L, cancellation);
        await WalkAsync(core, marks, Jobs, 0L, cancellation);
        await WalkAsync(core, marks, Uploads, "", cancellation);
        return marks;
    }

    private static async Task WalkAsync<TKey>(
        IStore core,
        BlobMarks marks,
        Func<ISession, TKey, IReadOnlyList<(TKey Key, string Text)>> read,
        TKey first,
        CancellationToken cancellation
    )
    {
        for (var after = first; ; )
        {
            var rows = await core.ReadAsync(s => read(s, after), cancellation);
            foreach (var (_, text) in rows)
            {
                marks.Add(text);
            }

            if (rows.Count == 0)
            {
                return;
            }

            after = rows[^1].Key;
        }
    }

    /// <summary>Every snapshot of every file, for jobs that have pinned an old one.</summary>
    private static IReadOnlyList<(long, string)> PluginFiles(ISession s, long after) =>
        ById(
            s,
            $"""
            SELECT s.id, s.payload AS text FROM snapshot s JOIN resource r ON r.id = s.resource_id
            WHERE r.kind = 'plugin_file' AND s.id > @after ORDER BY s.id LIMIT {Page}
            """,
            after
        );

    private static IReadOnlyList<((string, string), string)> RunFiles(ISession s, (string Run, string Path) after) =>
        [
            .. s.Query<FileRow>(
                    $"""
                    SELECT run, path, content FROM run_artifact WHERE run > @Run OR (run = @Run AND path > @Path)
                    ORDER BY run, path LIMIT {Page}
                    """,
                    new { after.Run, after.Path }
                )
                .Select(r => ((r.Run, r.Path), r.Content)),
        ];

    /// <summary>The files of each snapshot of an artifact that was not purged, by the list it names.</summary>
    private static IReadOnlyList<(long, string)> Artifacts(ISession s, long after)
    {
        var snapshots = ById(
            s,
            $"""
            SELECT s.id, s.payload AS text FROM snapshot s JOIN resource r ON r.id = s.resource_id
            WHERE r.kind = 'artifact' AND r.purged IS NULL AND s.id > @after ORDER BY s.id LIMIT {Page}
            """,
            after
        );
        var lists = snapshots.Select(p => Manifest(p.Item2)).OfType<string>().Distinct().ToArray();
        var files = s.Query<string>("SELECT files FROM artifact_manifest WHERE digest = ANY(@lists)", new { lists });
        return
        [
            .. snapshots.Take(snapshots.Count - 1),
            .. snapshots.TakeLast(1).Select(last => (last.Item1, string.Join('\n', files))),
        ];
    }

    private static IReadOnlyList<(long, string)> Jobs(ISession s, long after) =>
        ById(
            s,
            $"SELECT job AS id, plugins || inputs AS text FROM job_detail WHERE job > @after ORDER BY job LIMIT {Page}",
            after
        );

    private static IReadOnlyList<(string, string)> Uploads(ISession s, string after) =>
        [
            .. s.Query<UploadRow>(
                    $"SELECT id, done FROM upload WHERE done IS NOT NULL AND id > @after ORDER BY id LIMIT {Page}",
                    new { after }
                )
                .Select(r => (r.Id, r.Done)),
        ];

    private static IReadOnlyList<(long, string)> ById(ISession s, string sql, long after) =>
        [.. s.Query<TextRow>(sql, new { after }).Select(r => (r.Id, r.Text))];

    private static string? Manifest(string payload)
    {
        using var json = System.Text.Json.JsonDocument.Parse(payload);
        return json.RootElement.TryGetProperty("manifest", out var list) ? list.GetString() : null;
    }

    private sealed record TextRow
    {
        public long Id { get; init; }
        public string Text { get; init; } = "";
    }

    private sealed record FileRow
    {
        public string Run { get; init; } = "";
        public string Path { get; init; } = "";
        public string Content { get; init; } = "";
    }

    private sealed record UploadRow
    {
        public string Id { get; init; } = "";
        public string Done { get; init; } = "";
    }
}
