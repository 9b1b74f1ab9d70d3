using System.Text.Json;
using System.Text.Json.Serialization;
using Alidade.Engine.Jobs;
using Alidade.Engine.Protocol;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;

namespace Alidade.Server.Workers;

/// <param name="State">active or draining.</param>
/// <param name="Busy">Slots in use.</param>
/// <param name="MayDrain">Whether the caller may drain it and let it go; for pages, whose callers keep all their rights.</param>
/// <param name="Resources">What its jobs may take of it.</param>
/// <param name="DataFolders">Names of the folders it can show to jobs.</param>
/// <param name="Load">What its machine did at the last renewal; null before the first.</param>
public sealed record WorkerView(
    long Id,
    string Name,
    string Host,
    string Pool,
    IReadOnlyList<string> Queues,
    int Slots,
    int Busy,
    IReadOnlyList<string> Levels,
    string Version,
    string State,
    string StartedOn,
    string SeenOn,
    IReadOnlyList<string> DataFolders,
    WorkerLoad? Load,
    IReadOnlyDictionary<string, string> Labels,
    WorkerResources Resources,
    [property: JsonIgnore] bool MayDrain
);

/// <summary>The workers that are there now, as far as they serve groups of the caller.</summary>
public sealed class WorkerList(Stores stores)
{
    public Task<IReadOnlyList<WorkerView>> AllAsync(Caller caller, CancellationToken cancellation) =>
        stores.Core.ReadAsync<IReadOnlyList<WorkerView>>(
            s =>
                [
                    .. SessionReader
                        .Live(s)
                        .Where(w => PoolService.Serves(Pools.Groups(s, w.Pool), caller))
                        .Select(w => View(s, caller, w)),
                ],
            cancellation
        );

    public Task<IReadOnlyList<WorkerView>> OfQueueAsync(Caller caller, long queue, CancellationToken cancellation) =>
        stores.Core.ReadAsync<IReadOnlyList<WorkerView>>(
            s =>
            {
                Resources.Get(s, ResourceKind.Queue, caller, queue);
                var name = QueueDirectory.Of(s, [queue])[0];
                return
                [
                    .. SessionReader
                        .Live(s)
                        .Where(w => QueueDirectory.Serves(name, w, Pools.Groups(s, w.Pool)))
                        .Select(w => View(s, caller, w)),
                ];
            },
            cancellation
        );

    /// <summary>A live worker that the caller may see.</summary>
    internal static WorkerRow? Find(ISession s, Caller caller, long worker) =>
        SessionReader
            .Live(s)
            .FirstOrDefault(w => w.Worker == worker && PoolService.Serves(Pools.Groups(s, w.Pool), caller));

    private static WorkerView View(ISession s, Caller caller, WorkerRow w) =>
        new(
            w.Worker,
            w.Name,
            w.Host,
            w.PoolName,
            QueueDirectory.Parse(w.Queues),
            w.Slots,
            w.Busy,
            QueueDirectory.Parse(w.Levels),
            w.Version,
            w.State,
            Wire.Time(w.Created),
            Wire.Time(w.Seen),
            JsonSerializer.Deserialize<string[]>(w.DataFolders)!,
            w.Load is null ? null : JsonSerializer.Deserialize<WorkerLoad>(w.Load, JsonSerializerOptions.Web),
            Labeling.Parse(w.Labels),
            new WorkerResources(w.Cpu / 1000.0, w.Memory, (int)w.Gpus),
            PoolService.IsAdmin(s, caller, w.Pool)
        );
}
