using Alidade.Server.Pages.Parts;

namespace Alidade.Server.Pages.Jobs;

/// <summary>A job as its page shows it.</summary>
public sealed record JobModel(JobItem Job, Address Address, DateTimeOffset Now)
{
    public IReadOnlyList<StepItem> Steps { get; init; } = [];
    public IReadOnlyList<string> Charts { get; init; } = [];
    public IReadOnlyList<KeyValuePair<string, string>> Results { get; init; } = [];
    public IReadOnlyList<ArtifactItem> Artifacts { get; init; } = [];
    public IReadOnlyList<HistoryItem> History { get; init; } = [];

    /// <summary>Only where it is looked at.</summary>
    public RecordSheet? Record { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Needs { get; init; } = [];
    public string? WaitingReason { get; init; }
    public string? Reason { get; init; }
    public string? Traceback { get; init; }
    public string? FailedStep { get; init; }
    public string? Worker { get; init; }
    public long? Seed { get; init; }
    public int Attempts { get; init; }
    public string? RunId { get; init; }
    public string Server { get; init; } = "";
    public bool MayChange { get; init; }

    /// <summary>Changes whenever an open page has something new to fetch.</summary>
    public string Version { get; init; } = "";

    public string View => Address["view"] ?? "overview";

    public double Elapsed => Job.Started is { } started ? ((Job.Ended ?? Now) - started).TotalSeconds : 0;

    public double? Waited => Job.Started is { } started ? (started - Job.Created).TotalSeconds : null;

    public StepItem? Running => Steps.FirstOrDefault(step => step.State == "running");

    public IReadOnlyList<RuleSegment> Segments =>
        [
            .. Steps
                .Where(step => step.Started is not null && Job.Started is not null)
                .Select(step => new RuleSegment(
                    step.Name,
                    Math.Max(0, (step.Started!.Value - Job.Started!.Value).TotalSeconds),
                    step.Ended is { } end ? (end - Job.Started!.Value).TotalSeconds : null,
                    step.State
                )),
        ];
}

/// <summary>A step of a job's graph.</summary>
public sealed record StepItem(
    string Name,
    string Task,
    string State,
    DateTimeOffset? Started,
    DateTimeOffset? Ended,
    IReadOnlyList<string> After,
    string? Error = null
);

/// <summary>A file that a job handed over.</summary>
public sealed record ArtifactItem(string Name, long Size, string MediaType, string Address)
{
    public bool IsImage => MediaType.StartsWith("image/", StringComparison.Ordinal);

    /// <summary>What is shown first when nobody chose: a picture, else what can be read.</summary>
    public int Rank =>
        IsImage ? 2
        : MediaType.StartsWith("text/", StringComparison.Ordinal) || MediaType == "application/json" ? 1
        : 0;
}

/// <summary>A change of a job's state, and who made it.</summary>
public sealed record HistoryItem(DateTimeOffset At, string State, string Actor, string? Message);
