using System.Text.Json.Nodes;

namespace Alidade.Client;

/// <summary>A versioned resource as its newest snapshot shows it.</summary>
public interface IResource
{
    long Id { get; }

    /// <summary>Id of the snapshot that is shown.</summary>
    long Snapshot { get; }

    string? Name { get; }
}

/// <summary>A pointer to something with a name.</summary>
public sealed record Reference(long Id, string? Name, string Url);

public sealed record Queue(long Id, long Snapshot, string Name, string? Description) : IResource;

public sealed record QueueContent(string Name, string? Description = null);

public sealed record ParameterType(long Id, long Snapshot, string Name, string? Description, JsonObject? Structure)
    : IResource;

public sealed record ParameterTypeContent(string Name, string? Description = null, JsonObject? Structure = null);
