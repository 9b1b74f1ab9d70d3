using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Alidade.Client.Http;

namespace Alidade.Client;

/// <summary>Entrypoints. Their plugins are pinned by snapshot and move only when they are synced.</summary>
public sealed class EntrypointClient : ResourceClient<Entrypoint, EntrypointContent>
{
    internal EntrypointClient(Transport transport)
        : base(transport, "entrypoints") { }

    /// <summary>Replaces everything but the plugins, which keep their pins.</summary>
    public override Task<Entrypoint> ModifyAsync(
        long id,
        EntrypointContent content,
        CancellationToken cancellation = default
    )
    {
        var body = JsonSerializer.SerializeToNode(content, Http.Transport.Json)!.AsObject();
        body.Remove("plugins");
        body.Remove("artifactPlugins");
        return Transport.PutAsync<Entrypoint>($"entrypoints/{id}", body, cancellation);
    }

    /// <summary>Links queues to an entrypoint; those already linked stay.</summary>
    public Task AddQueuesAsync(long id, IReadOnlyList<long> ids, CancellationToken cancellation = default) =>
        Transport.PostAsync<JsonNode>($"entrypoints/{id}/queues", new { ids }, cancellation);

    /// <summary>Adds these plugins, or moves them to their newest snapshots.</summary>
    public Task SyncPluginsAsync(long id, IReadOnlyList<long> plugins, CancellationToken cancellation = default) =>
        Transport.PostAsync<JsonNode>($"entrypoints/{id}/plugins", new { plugins }, cancellation);

    /// <summary>Likewise for the plugins whose artifact handlers it uses.</summary>
    public Task SyncArtifactPluginsAsync(
        long id,
        IReadOnlyList<long> artifactPlugins,
        CancellationToken cancellation = default
    ) => Transport.PostAsync<JsonNode>($"entrypoints/{id}/artifactPlugins", new { artifactPlugins }, cancellation);
}

public sealed record Entrypoint(
    long Id,
    long Snapshot,
    string Name,
    string? Description,
    string TaskGraph,
    string? ArtifactGraph,
    IReadOnlyList<EntrypointParameter> Parameters,
    IReadOnlyList<ArtifactParameter> ArtifactParameters,
    IReadOnlyList<PinnedPlugin> Plugins,
    IReadOnlyList<PinnedPlugin> ArtifactPlugins,
    IReadOnlyList<Reference> Queues,
    IReadOnlyList<string>? DataFolders = null,
    IReadOnlyList<string>? Secrets = null
) : IResource;

/// <param name="LatestSnapshot">False when the plugin has moved on since it was pinned.</param>
public sealed record PinnedPlugin(long Id, string Name, long SnapshotId, bool LatestSnapshot);

/// <param name="ParameterType">string, float, integer, boolean, list or mapping.</param>
public sealed record EntrypointParameter(string Name, string ParameterType, string? DefaultValue);

public sealed record ArtifactParameter(string Name, IReadOnlyList<TaskOutput> OutputParams);

public sealed record ArtifactParameterContent(string Name, IReadOnlyList<TaskOutputContent> OutputParams);

/// <param name="DataFolders">Names of the worker's data folders that its jobs are shown; null leaves them as they are.</param>
/// <param name="Secrets">Names of the secrets that its jobs are given; null leaves them as they are.</param>
public sealed record EntrypointContent(
    string Name,
    string? Description,
    string TaskGraph,
    string ArtifactGraph,
    IReadOnlyList<EntrypointParameter> Parameters,
    IReadOnlyList<ArtifactParameterContent> ArtifactParameters,
    IReadOnlyList<long> Queues,
    IReadOnlyList<long> Plugins,
    IReadOnlyList<long> ArtifactPlugins,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? DataFolders = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Secrets = null
);
