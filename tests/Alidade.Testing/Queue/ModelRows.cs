using System.Globalization;
using Alidade.Engine.Jobs;
using Alidade.Storage.Jobs;

namespace Alidade.Testing.Queue;

public sealed record ModelWorker(int Index, int Slots, IReadOnlyDictionary<string, string> Labels, Capacity Capacity)
{
    public IReadOnlyList<string> DataFolders { get; init; } = [];

    public Offer Offer => new(Labels, DataFolders, Capacity);

    public string Name => $"worker {Index}";
}

public sealed class ModelSession(int worker, long seen)
{
    public int Worker { get; } = worker;
    public long Seen { get; set; } = seen;
    public bool Ended { get; set; }
    public bool Draining { get; set; }
}

public sealed class ModelAttempt(int index, int job, int number, long fence)
{
    public int Index { get; } = index;
    public int Job { get; } = job;
    public int Number { get; } = number;
    public long Fence { get; } = fence;
    public required int Session { get; set; }
    public required int Worker { get; init; }
    public required long Granted { get; init; }
    public AttemptState State { get; set; } = AttemptState.Granted;
    public string Phase { get; set; } = "preparing";
    public long? MissedSince { get; set; }
    public long? Started { get; set; }
    public long? Deadline { get; set; }
    public long? Ended { get; set; }
    public int? Report { get; set; }
}

public sealed class ModelJob(int index, long id, Step.Submit asked)
{
    public int Index { get; } = index;

    /// <summary>What the store calls it.</summary>
    public long Id { get; } = id;
    public Step.Submit Asked { get; } = asked;
    public long TimeLimit => 3600 * Timing.Second;
    public required JobFacts Facts { get; set; }
    public required long RunAt { get; set; }
    public long? NotAfter { get; set; }
    public string? Reason { get; set; }
    public long? CancelRequested { get; set; }
    public bool Awaited { get; set; }
    public List<ModelAttempt> Attempts { get; } = [];
    public List<JobState> Events { get; } = [];

    /// <summary>Jobs it comes after whose end it has not heard of.</summary>
    public SortedSet<int> Open { get; } = [];

    public long Rank => Waiting.Rank(RunAt, Asked.Priority);

    /// <summary>All that a store must agree with, as one line.</summary>
    public string Line =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"job {Id} {Facts.State.Word()} before={Facts.Before?.Word()} reason={Reason} fence={Facts.Fence} "
                + $"attempts={Facts.Attempts} failures={Facts.Failures} losses={Facts.Losses} starts={Facts.Starts} "
                + $"live={Facts.Live} events={Events.Count} runAt={RunAt} rank={Rank} waits={Facts.Waits} "
                + $"awaited={Awaited} notAfter={NotAfter} cancel={CancelRequested}"
        );
}
