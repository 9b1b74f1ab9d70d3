namespace Alidade.Server.Pages.Queues;

/// <summary>Queues and the workers that watch them.</summary>
public sealed record QueuesModel(IReadOnlyList<QueueItem> Queues, IReadOnlyList<WorkerItem> Workers)
{
    public bool MayChange { get; init; }
    public string Server { get; init; } = "";
}

/// <summary>A name jobs wait under.</summary>
public sealed record QueueItem(
    long Id,
    string Name,
    string? Description,
    string Group,
    long Waiting,
    long Running,
    DateTimeOffset? Oldest,
    int Workers,
    bool Paused
);

/// <summary>A process that takes jobs.</summary>
/// <param name="Offer">Processors, memory and GPUs for its jobs together.</param>
public sealed record WorkerItem(
    string Name,
    string Host,
    string State,
    DateTimeOffset Heard,
    int Used,
    int Slots,
    IReadOnlyList<string> Queues,
    IReadOnlyList<string> Levels,
    string Offer,
    string Labels,
    string Version
)
{
    public string Shape =>
        State switch
        {
            "online" => "finished",
            "draining" => "warning",
            _ => "failed",
        };
}
