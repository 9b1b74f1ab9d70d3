using Alidade.Server.MLflow.Experiments;
using Alidade.Server.MLflow.Protocol;

namespace Alidade.Server.MLflow.Registry;

public sealed record CreateModel([Required] string Name, IReadOnlyList<TagMessage> Tags, string? Description);

public sealed record NamedModel([Required] string Name);

public sealed record UpdateModel([Required] string Name, string? Description);

public sealed record RenameModel([Required] string Name, [Required] string NewName);

public sealed record SearchRegistry(string? Filter, long? MaxResults, IReadOnlyList<string> OrderBy, string? PageToken);

public sealed record LatestVersions([Required] string Name, IReadOnlyList<string> Stages);

public sealed record ModelTagMessage([Required] string Name, [Required] string Key, string? Value);

public sealed record ModelTagKey([Required] string Name, [Required] string Key);

public sealed record SetModelAlias([Required] string Name, [Required] string Alias, [Required] string Version);

public sealed record NamedAlias([Required] string Name, [Required] string Alias);

public sealed record CreateVersion(
    [Required] string Name,
    [Required] string Source,
    string? RunId,
    IReadOnlyList<TagMessage> Tags,
    string? RunLink,
    string? Description,
    string? ModelId
);

public sealed record NamedVersion([Required] string Name, [Required] string Version);

public sealed record UpdateVersion([Required] string Name, [Required] string Version, string? Description);

public sealed record TransitionStage(
    [Required] string Name,
    [Required] string Version,
    [Required] string Stage,
    [Required] bool ArchiveExistingVersions
);

public sealed record VersionTagMessage(
    [Required] string Name,
    [Required] string Version,
    [Required] string Key,
    string? Value
);

public sealed record VersionTagKey([Required] string Name, [Required] string Version, [Required] string Key);

/// <summary>Times in milliseconds.</summary>
public sealed record ModelAnswer(
    string Name,
    long CreationTimestamp,
    long LastUpdatedTimestamp,
    string? Description,
    IReadOnlyList<VersionAnswer> LatestVersions,
    IReadOnlyList<KeyValue> Tags,
    IReadOnlyList<AliasAnswer> Aliases
);

public sealed record AliasAnswer(string Alias, string Version);

public sealed record VersionAnswer(
    string Name,
    string Version,
    long CreationTimestamp,
    long LastUpdatedTimestamp,
    string CurrentStage,
    string Description,
    string Source,
    string? RunId,
    string Status,
    string RunLink,
    string? ModelId,
    IReadOnlyList<KeyValue> Tags,
    IReadOnlyList<string> Aliases
);

public sealed record ModelsAnswer(IReadOnlyList<ModelAnswer> RegisteredModels, string? NextPageToken);

public sealed record VersionsAnswer(IReadOnlyList<VersionAnswer> ModelVersions, string? NextPageToken);
