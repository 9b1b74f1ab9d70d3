using Alidade.Engine.Protocol;

namespace Alidade.Server.Pages.Queues;

/// <summary>Queues and the workers that watch them.</summary>
public sealed record QueuesModel(
    IReadOnlyList<QueueItem> Queues,
    IReadOnlyList<WorkerItem> Workers,
    CapacityPlot Capacity
)
{
    public bool MayChange { get; init; }
    public string Server { get; init; } = "";
}

/// <summary>A name jobs wait under.</summary>
/// <param name="Used">Slots in use of the workers that watch it, for whatever queue.</param>
/// <param name="LostAfter">After this silence of its worker a job is taken away.</param>
public sealed record QueueItem(
    long Id,
    string Name,
    string? Description,
    string Group,
    long Waiting,
    long Running,
    DateTimeOffset? Oldest,
    int Workers,
    int Used,
    int Slots,
    string LostAfter,
    bool Paused
);

/// <summary>A process that takes jobs.</summary>
/// <param name="Load">What its machine does; null before it has said so.</param>
/// <param name="Offer">Processors, memory and GPUs for its jobs together.</param>
public sealed record WorkerItem(
    long Id,
    string Name,
    string Host,
    string State,
    DateTimeOffset Heard,
    int Used,
    int Slots,
    WorkerLoad? Load,
    IReadOnlyList<string> Queues,
    IReadOnlyList<string> Levels,
    string Offer,
    string Labels,
    string Version,
    bool MayDrain
)
{
    public bool Drains => State == "draining";

    public string Shape =>
        State switch
        {
            "online" => "finished",
            "draining" => "warning",
            _ => "failed",
        };
}
