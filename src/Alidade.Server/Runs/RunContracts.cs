using System.Text.Json.Nodes;
using Alidade.Server.Metrics;
using Alidade.Server.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Runs;

/// <summary>A step of a job's graph and how far it is; times in microseconds.</summary>
/// <param name="State">waiting, running, finished or failed.</param>
/// <param name="After">The steps it needs.</param>
public sealed record StepView(
    string Name,
    string Task,
    string State,
    long? Started,
    long? Ended,
    IReadOnlyList<string> After,
    string? Error
);

/// <summary>A last value that user code reported.</summary>
public sealed record ResultView(string Name, JsonNode? Value);

/// <summary>A run as lists show it.</summary>
public record RunSummaryView
{
    internal RunSummaryView(RunHead head)
    {
        Id = head.Id;
        Job = head.Job;
        Kind = head.Own == 1 ? "job" : "run";
        Experiment = head.Experiment;
        ExperimentName = head.ExperimentName;
        Name = head.Title;
        State = head.State;
        User = head.ClaimedUser is { Length: > 0 } user ? user : head.Username;
        Parent = head.Parent;
        CreatedOn = Wire.Time(head.Created);
        StartedOn = Wire.Time(head.Started);
        EndedOn = Wire.Time(head.Ended);
    }

    public string Id { get; }

    /// <summary>The job it belongs to; null for one that stands alone.</summary>
    public long? Job { get; }

    /// <summary><c>job</c> for a job's own, else <c>run</c>.</summary>
    public string Kind { get; }
    public long Experiment { get; }
    public string ExperimentName { get; }
    public string Name { get; }
    public string State { get; }
    public string User { get; }
    public string? Parent { get; }
    public string CreatedOn { get; }
    public string? StartedOn { get; }
    public string? EndedOn { get; }
}

/// <summary>A run with what is recorded on it.</summary>
public sealed record RunView : RunSummaryView
{
    internal RunView(RunHead head)
        : base(head) { }

    public bool Deleted { get; init; }
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
    public IReadOnlyDictionary<string, JsonNode?> Results { get; init; } = new Dictionary<string, JsonNode?>();
    public IReadOnlyList<ChartView> Metrics { get; init; } = [];
    public IReadOnlyList<RunInputView> Inputs { get; init; } = [];
    public IReadOnlyList<RunFileView> Files { get; init; } = [];
}

/// <summary>A dataset that the run read.</summary>
public sealed record RunInputView(string Name, string Digest, string SourceType);

/// <param name="Path">Within the run.</param>
/// <param name="MediaType">What its name says it is.</param>
public sealed record RunFileView(string Path, long Size, string Sha256, string MediaType)
{
    internal static RunFileView Of(ArtifactFile file) =>
        new(file.Path, file.Size, file.Sha256, MediaTypes.Of(file.Path));
}
