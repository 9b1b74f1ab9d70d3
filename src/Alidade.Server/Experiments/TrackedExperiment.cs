using System.Text.Json;

namespace Alidade.Server.Experiments;

/// <summary>An experiment as tracking clients see it, deleted ones too. Times in microseconds.</summary>
public sealed record TrackedExperiment
{
    public long Id { get; init; }
    public long GroupId { get; init; }
    public string Name { get; init; } = "";
    public long Created { get; init; }
    public long Modified { get; init; }
    public long? Deleted { get; init; }

    /// <summary>It was deleted for good and cannot be restored.</summary>
    public long? Purged { get; init; }
    public string Payload { get; init; } = "{}";

    /// <summary>The one that scripts use which name none; nothing is stored of it until then.</summary>
    public bool IsDefault => Name == TrackedExperiments.DefaultName;

    /// <summary>Where clients keep files instead of here; null for here.</summary>
    public string? ArtifactLocation =>
        JsonSerializer.Deserialize<ExperimentPayload>(Payload, JsonSerializerOptions.Web)!.ArtifactLocation;
}

/// <summary>What a snapshot of an experiment holds beside name and description.</summary>
public sealed record ExperimentPayload(string? ArtifactLocation = null);
