using System.Collections.Concurrent;
using Alidade.Engine.Graphs;
using Alidade.Engine.Protocol;
using Alidade.Server.Entrypoints;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Plugins;

namespace Alidade.Server.Jobs;

/// <summary>
/// What jobs were made of lately. A snapshot and what it pins never change, so once read they need not be read again,
/// whichever server wrote them.
/// </summary>
public sealed class SubmittedEntrypoints
{
    private const int Most = 100;

    /// <summary>
    /// By time too: where the snapshot was read in the transaction that made it and that then failed, another may get its id.
    /// </summary>
    private readonly ConcurrentDictionary<(long Snapshot, long Created), PinnedEntrypoint> _known = new();

    public PinnedEntrypoint Of(ISession s, Versioned at)
    {
        var key = (at.Snapshot, at.SnapshotCreated);
        if (!_known.TryGetValue(key, out var pinned))
        {
            pinned = Load(s, at);
            if (_known.Count >= Most)
            {
                _known.Clear();
            }

            _known[key] = pinned;
        }

        return pinned;
    }

    private static PinnedEntrypoint Load(ISession s, Versioned at)
    {
        var payload = at.Read<EntrypointPayload>();
        return new PinnedEntrypoint(
            EntrypointDefinitions.Load(s, at),
            Files(s, at.Snapshot),
            payload.DataFolders ?? [],
            payload.Secrets ?? []
        );
    }

    private static List<GrantFile> Files(ISession s, long entrypointSnapshot)
    {
        var plugins = s.Query<RefRow>(
            """
            SELECT p.plugin_snapshot AS id, n.name FROM entrypoint_pin p JOIN snapshot n ON n.id = p.plugin_snapshot
            WHERE p.entrypoint_snapshot = @entrypointSnapshot ORDER BY p.role DESC, p.position
            """,
            new { entrypointSnapshot }
        );
        var files = PluginFiles.Of(s, [.. plugins.Select(p => p.Id).Distinct()]);
        return
        [
            .. plugins
                .DistinctBy(p => p.Name)
                .SelectMany(p =>
                    files[p.Id].Select(f => new GrantFile($"{p.Name}/{f.Filename}", f.Blob.Sha256, f.Blob.Size))
                ),
        ];
    }
}

/// <summary>A snapshot of an entrypoint with all that it pins.</summary>
/// <param name="Definition">Its types are those of the moment in which it was read: ask for them anew.</param>
/// <param name="Plugins">Every file of the pinned plugins, to be laid out below <c>plugins/</c>.</param>
public sealed record PinnedEntrypoint(
    EntrypointDefinition Definition,
    IReadOnlyList<GrantFile> Plugins,
    IReadOnlyList<string> DataFolders,
    IReadOnlyList<string> Secrets
);
