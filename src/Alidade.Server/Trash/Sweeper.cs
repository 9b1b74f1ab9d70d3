using Alidade.Server.Configuration;
using Alidade.Storage.Blobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Trash;

/// <summary>
/// Purges what has been in the trash long enough, throws away uploads that nobody goes on with, and gives back the bytes of
/// blobs that nothing refers to. A blob that was put within the grace time stays: what will refer to it may be on its way.
/// </summary>
public sealed class Sweeper(Stores stores, IBlobStore blobs, IPartStore parts, ServerOptions options, TimeProvider time)
{
    private const int AtOnce = 100;
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim _one = new(1);

    /// <param name="grace">Null for the configured one.</param>
    public async Task<SweepView> SweepAsync(TimeSpan? grace, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            var expired = Ago(options.Trash.KeepDays * Day);
            var resources = await PurgeResourcesAsync(expired, cancellation);
            await MarkRunsAsync(expired, cancellation);
            var runs = await DeleteMarkedAsync(cancellation);
            await DeleteModelsAsync(expired, cancellation);
            var (uploads, partBytes) = await DropUploadsAsync(cancellation);
            var (files, bytes) = await CollectAsync(
                grace ?? TimeSpan.FromHours(options.Trash.GraceHours),
                cancellation
            );
            return new SweepView(runs, resources, uploads, files, bytes + partBytes);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Deletes the runs that are marked.</summary>
    public async Task FinishRunsAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            await DeleteMarkedAsync(cancellation);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<long> PurgeResourcesAsync(long expired, CancellationToken cancellation)
    {
        var total = 0L;
        while (true)
        {
            var purged = await stores.Core.WriteAsync(
                t =>
                {
                    var found = t.Query<Expired>(
                        "SELECT id, kind FROM resource WHERE deleted < @expired AND purged IS NULL AND kind IN "
                            + "('experiment', 'ml_model', 'ml_model_version', 'artifact') AND NOT (kind = 'experiment' AND EXISTS "
                            + $"(SELECT 1 FROM run u WHERE u.experiment = resource.id AND {RunPurge.HasVersion("u")})) "
                            + $"ORDER BY deleted LIMIT {AtOnce}",
                        new { expired }
                    );
                    foreach (var one in found)
                    {
                        ResourcePurge.Purge(t, one.Kind, one.Id);
                    }

                    return found.Count;
                },
                Lane.Bulk,
                cancellation
            );
            total += purged;
            if (purged < AtOnce)
            {
                return total;
            }
        }
    }

    private Task<int> MarkRunsAsync(long expired, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
                t.Execute(
                    "UPDATE run SET purged = @Now WHERE deleted < @expired AND purged IS NULL AND job IS NULL AND NOT "
                        + RunPurge.HasVersion("run"),
                    new { t.Now, expired }
                ),
            Lane.Bulk,
            cancellation
        );

    private Task<long> DeleteMarkedAsync(CancellationToken cancellation) =>
        DeleteAllAsync(s => RunPurge.Marked(s, AtOnce), RunPurge.DeleteCore, cancellation);

    private Task<long> DeleteModelsAsync(long expired, CancellationToken cancellation) =>
        DeleteAllAsync(s => RunPurge.ExpiredModels(s, expired, AtOnce), RunPurge.DeleteModel, cancellation);

    /// <summary>Series first: what is cut off here is found again.</summary>
    private async Task<long> DeleteAllAsync(
        Func<ISession, IReadOnlyList<string>> find,
        Action<ITransaction, string> delete,
        CancellationToken cancellation
    )
    {
        var total = 0L;
        while (true)
        {
            var found = await stores.Core.ReadAsync(find, cancellation);
            foreach (var id in found)
            {
                await WriteAsync(stores.Series, t => RunPurge.DeleteSeries(t, id), cancellation);
                await WriteAsync(stores.Core, t => delete(t, id), cancellation);
                total++;
            }

            if (found.Count < AtOnce)
            {
                return total;
            }
        }
    }

    private static Task<bool> WriteAsync(IStore store, Action<ITransaction> work, CancellationToken cancellation) =>
        store.WriteAsync(
            t =>
            {
                work(t);
                return true;
            },
            Lane.Bulk,
            cancellation
        );

    /// <summary>By their bytes on the disk, and then what the database knows of them.</summary>
    private async Task<(long Uploads, long Bytes)> DropUploadsAsync(CancellationToken cancellation)
    {
        var keep = TimeSpan.FromHours(options.Trash.UploadHours);
        var (count, bytes) = (0L, 0L);
        foreach (var (upload, touched) in parts.Uploads().ToList())
        {
            if (touched < time.GetUtcNow() - keep)
            {
                bytes += parts.Drop(upload);
                count++;
            }
        }

        await stores.Core.WriteAsync(
            t => t.Execute("DELETE FROM upload WHERE touched < @since", new { since = Ago(keep + Day) }),
            Lane.Bulk,
            cancellation
        );
        return (count, bytes);
    }

    private async Task<(long Files, long Bytes)> CollectAsync(TimeSpan grace, CancellationToken cancellation)
    {
        var since = time.GetUtcNow() - grace;
        // Listed before the marks are read: what is put meanwhile is not in the list, or has a new time.
        var candidates = blobs.Untouched(since).ToList();
        if (candidates.Count == 0)
        {
            return (0, 0);
        }

        var marks = await BlobUse.MarkAsync(stores.Core, cancellation);
        var (files, bytes) = (0L, 0L);
        foreach (var blob in candidates.Where(b => !marks.Contains(b)))
        {
            cancellation.ThrowIfCancellationRequested();
            if (blobs.Delete(blob, since) is > 0 and var size)
            {
                files++;
                bytes += size;
            }
        }

        return (files, bytes);
    }

    private long Ago(TimeSpan span) => (time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks - span.Ticks) / 10;

    private sealed record Expired
    {
        public long Id { get; init; }
        public string Kind { get; init; } = "";
    }
}
