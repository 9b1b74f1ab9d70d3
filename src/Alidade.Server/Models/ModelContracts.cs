using Alidade.Server.Artifacts;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Resources;

namespace Alidade.Server.Models;

public sealed record ModelInput(long Group, [Name] string Name, string? Description = null);

public sealed record ModelChange([Name] string Name, string? Description = null);

/// <summary>Makes an artifact the next version of a model.</summary>
public sealed record ModelVersionInput(long Artifact, string? Description = null);

public sealed record ModelVersionChange(string? Description = null);

/// <summary>What a snapshot of a model version holds beside its description: nothing else of it can change.</summary>
public sealed record ModelVersionPayload(
    long Model,
    long Number,
    long? Artifact,
    long? ArtifactSnapshot,
    string? Run,
    string? Path
);

public sealed record ModelView : ResourceView
{
    internal ModelView(Versioned at, bool asSnapshot, IReadOnlyList<long> numbers, ModelVersionView? latest)
        : base(at, asSnapshot)
    {
        Name = at.Name!;
        Versions = [.. numbers.Select(n => new ModelVersionLink(n, $"{Wire.Root}/models/{at.Id}/versions/{n}"))];
        LatestVersion = latest;
    }

    public string Name { get; }

    /// <summary>Oldest first. They belong to the model and not to a snapshot of it, so a snapshot shows none.</summary>
    public IReadOnlyList<ModelVersionLink> Versions { get; }
    public ModelVersionView? LatestVersion { get; }
}

public sealed record ModelVersionLink(long VersionNumber, string Url);

/// <param name="ArtifactSnapshot">The artifact's snapshot that the version is pinned at.</param>
public sealed record ModelVersionView(
    string? Description,
    ResourceRef Model,
    ArtifactRef? Artifact,
    long? ArtifactSnapshot,
    long VersionNumber,
    string CreatedOn
);
