using System.Text.Json.Serialization;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Plugins;

namespace Alidade.Server.Entrypoints;

/// <param name="DataFolders">Names of the worker's data folders that its jobs are shown.</param>
/// <param name="Secrets">Names of secrets of the group that its jobs are given.</param>
public sealed record EntrypointInput(
    long Group,
    [Name] string Name,
    [Length(0, EntrypointInput.LongestGraph)] string TaskGraph,
    string? Description = null,
    [NotNull, Length(0, EntrypointInput.LongestGraph)] string? ArtifactGraph = null,
    [NotNull] IReadOnlyList<ParameterInput>? Parameters = null,
    [NotNull] IReadOnlyList<ArtifactParameterInput>? ArtifactParameters = null,
    [NotNull] IReadOnlyList<long>? Queues = null,
    [NotNull] IReadOnlyList<long>? Plugins = null,
    [NotNull] IReadOnlyList<long>? ArtifactPlugins = null,
    [NotNull, Needs] IReadOnlyList<string>? DataFolders = null,
    [NotNull, Needs] IReadOnlyList<string>? Secrets = null
)
{
    /// <summary>Characters of a graph.</summary>
    public const int LongestGraph = 1 << 20;
}

/// <param name="ArtifactPlugins">
/// The artifact plugins it is to have; those it has already stay at their snapshots. Left out, they all stay.
/// </param>
/// <param name="DataFolders">Left out, they stay, as do the secrets: Dioptra's clients know neither.</param>
public sealed record EntrypointChange(
    [Name] string Name,
    [Length(0, EntrypointInput.LongestGraph)] string TaskGraph,
    string? Description = null,
    [NotNull, Length(0, EntrypointInput.LongestGraph)] string? ArtifactGraph = null,
    [NotNull] IReadOnlyList<ParameterInput>? Parameters = null,
    [NotNull] IReadOnlyList<ArtifactParameterInput>? ArtifactParameters = null,
    [NotNull] IReadOnlyList<long>? Queues = null,
    [NotNull] IReadOnlyList<long>? ArtifactPlugins = null,
    [NotNull, Needs] IReadOnlyList<string>? DataFolders = null,
    [NotNull, Needs] IReadOnlyList<string>? Secrets = null
);

public sealed record ParameterInput(
    [Name] string Name,
    [OneOf("string", "float", "integer", "boolean", "list", "mapping")] string ParameterType,
    string? DefaultValue = null
);

public sealed record ArtifactParameterInput([Name] string Name, IReadOnlyList<TaskOutputParameter> OutputParams);

public sealed record PluginIds(IReadOnlyList<long> Plugins);

public sealed record ArtifactPluginIds(IReadOnlyList<long> ArtifactPlugins);

/// <summary>What an entrypoint's snapshot holds beside name and description.</summary>
/// <param name="DataFolders">Null for none, so that what needs none is written as it always was.</param>
/// <param name="Secrets">Likewise.</param>
public sealed record EntrypointPayload(
    string TaskGraph,
    string ArtifactGraph,
    IReadOnlyList<ParameterView> Parameters,
    IReadOnlyList<StoredArtifactParameter> ArtifactParameters,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? DataFolders = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Secrets = null
);

/// <summary>An artifact parameter with its types pinned.</summary>
public sealed record StoredArtifactParameter(string Name, IReadOnlyList<StoredOutput> Outputs);

public sealed record StoredOutput(string Name, long Type, long TypeSnapshot);

public sealed record ParameterView(string Name, string? DefaultValue, string ParameterType);

public sealed record ArtifactParameterView(string Name, IReadOnlyList<OutputParameterView> OutputParams);

/// <summary>A plugin as an entrypoint's snapshot pins it.</summary>
/// <param name="LatestSnapshot">False when the plugin has moved on since: time to synchronise.</param>
public sealed record EntrypointPlugin(
    long Id,
    string Name,
    long SnapshotId,
    bool LatestSnapshot,
    string Url,
    IReadOnlyList<EntrypointPluginFile> Files
);

public sealed record EntrypointPluginFile(long Id, string Filename, long SnapshotId, string Url, TasksView Tasks);

public sealed record EntrypointView : ResourceView
{
    internal EntrypointView(
        Versioned at,
        bool asSnapshot,
        IReadOnlyList<ArtifactParameterView> artifactParameters,
        IReadOnlyList<EntrypointPlugin> plugins,
        IReadOnlyList<EntrypointPlugin> artifactPlugins,
        IReadOnlyList<ResourceRef> queues
    )
        : base(at, asSnapshot)
    {
        var payload = at.Read<EntrypointPayload>();
        Name = at.Name!;
        TaskGraph = payload.TaskGraph;
        ArtifactGraph = payload.ArtifactGraph;
        Parameters = payload.Parameters;
        ArtifactParameters = artifactParameters;
        Plugins = plugins;
        ArtifactPlugins = artifactPlugins;
        Queues = queues;
        DataFolders = payload.DataFolders ?? [];
        Secrets = payload.Secrets ?? [];
    }

    public string Name { get; }
    public string TaskGraph { get; }
    public string ArtifactGraph { get; }
    public IReadOnlyList<ParameterView> Parameters { get; }
    public IReadOnlyList<ArtifactParameterView> ArtifactParameters { get; }
    public IReadOnlyList<EntrypointPlugin> Plugins { get; }
    public IReadOnlyList<EntrypointPlugin> ArtifactPlugins { get; }
    public IReadOnlyList<ResourceRef> Queues { get; }

    /// <summary>Names of the worker's data folders that its jobs are shown.</summary>
    public IReadOnlyList<string> DataFolders { get; }

    /// <summary>Names of the secrets that its jobs are given.</summary>
    public IReadOnlyList<string> Secrets { get; }
}
