using System.Text.Json;

namespace Alidade.Server.Platform.Resources;

/// <summary>A resource as one of its snapshots shows it.</summary>
public sealed record Versioned
{
    public long Id { get; init; }
    public long GroupId { get; init; }
    public string GroupName { get; init; } = "";
    public long? ParentId { get; init; }
    public long OwnerId { get; init; }
    public long Head { get; init; }
    public long Created { get; init; }
    public long Modified { get; init; }
    public long? Deleted { get; init; }
    public long Snapshot { get; init; }
    public long Number { get; init; }
    public long SnapshotCreated { get; init; }
    public long AuthorId { get; init; }
    public string AuthorName { get; init; } = "";
    public string? Name { get; init; }
    public string? Description { get; init; }
    public string Payload { get; init; } = "{}";

    /// <summary>Set after reading, for the whole page at once.</summary>
    public IReadOnlyList<TagRow> Tags { get; set; } = [];

    /// <summary>Whether the caller has a draft of it; set after reading, where it is shown.</summary>
    public bool HasDraft { get; set; }

    public bool IsLatest => Head == Snapshot;

    /// <summary>The part of the snapshot that only its feature understands.</summary>
    public T Read<T>() => JsonSerializer.Deserialize<T>(Payload, JsonSerializerOptions.Web)!;
}

/// <summary>A tag on a resource.</summary>
public sealed record TagRow
{
    public long ResourceId { get; init; }
    public long Id { get; init; }
    public string Name { get; init; } = "";
    public long GroupId { get; init; }
    public string GroupName { get; init; } = "";
}

/// <summary>What a new snapshot holds.</summary>
/// <param name="Payload">A record of the feature, stored as JSON.</param>
/// <param name="Texts">Longer texts that searches look into, by field.</param>
public sealed record Content(
    string? Name,
    string? Description,
    object Payload,
    IReadOnlyList<(string Field, string Text)>? Texts = null
);
