using Alidade.Server.Platform;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;

namespace Alidade.Server.Workers;

/// <param name="State">active or draining.</param>
/// <param name="Busy">Slots in use.</param>
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
    string SeenOn
);

/// <summary>The workers that are there now, as far as they serve groups of the caller.</summary>
public sealed class WorkerList(Stores stores)
{
    public Task<IReadOnlyList<WorkerView>> AllAsync(Caller caller, CancellationToken cancellation) =>
        stores.Core.ReadAsync<IReadOnlyList<WorkerView>>(
            s => [.. SessionReader.Live(s).Where(w => Serves(Pools.Groups(s, w.Pool), caller)).Select(View)],
            cancellation
        );

    public Task<IReadOnlyList<WorkerView>> OfQueueAsync(Caller caller, long queue, CancellationToken cancellation) =>
        stores.Core.ReadAsync<IReadOnlyList<WorkerView>>(
            s =>
            {
                Resources.Get(s, ResourceKind.Queue, caller, queue);
                var queues = QueueDirectory.All(s);
                return
                [
                    .. SessionReader
                        .Live(s)
                        .Where(w => QueueDirectory.Served(queues, w, Pools.Groups(s, w.Pool)).Contains(queue))
                        .Select(View),
                ];
            },
            cancellation
        );

    private static bool Serves(IReadOnlyList<long> groups, Caller caller) =>
        groups.Count == 0 || groups.Any(caller.Groups.ContainsKey);

    private static WorkerView View(WorkerRow w) =>
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
            Wire.Time(w.Seen)
        );
}
