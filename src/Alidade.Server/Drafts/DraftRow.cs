using System.Text.Json;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Resources;

namespace Alidade.Server.Drafts;

/// <summary>An unpublished edit: of a resource to come, or of one that is there.</summary>
public sealed record DraftRow
{
    public long Id { get; init; }
    public string Kind { get; init; } = "";
    public long UserId { get; init; }
    public string Username { get; init; } = "";
    public long GroupId { get; init; }
    public string GroupName { get; init; } = "";

    /// <summary>The plugin of a file.</summary>
    public long? ParentId { get; init; }

    /// <summary>Null for a resource to come.</summary>
    public long? ResourceId { get; init; }

    /// <summary>The snapshot that was edited; when the resource has moved on, the draft must be rebased.</summary>
    public long? BaseSnapshot { get; init; }

    /// <summary>The body that would create or change the resource, as it was sent, without the group.</summary>
    public string Payload { get; init; } = "{}";
    public long Created { get; init; }
    public long Modified { get; init; }

    /// <summary>The body it stands for, read as strictly as if it came now.</summary>
    internal T Read<T>()
        where T : class => DraftPayload.Read<T>(this);
}

/// <summary>How a draft looks on the wire.</summary>
/// <param name="Metadata">Beside a resource: how many others have a draft of it.</param>
public sealed record DraftView(
    long Id,
    GroupRef Group,
    UserRef User,
    JsonElement Payload,
    string CreatedOn,
    string LastModifiedOn,
    string ResourceType,
    long? Resource,
    long? ResourceSnapshot,
    IReadOnlyDictionary<string, long> Metadata
)
{
    internal static DraftView Of(DraftRow row, long? others = null) =>
        new(
            row.Id,
            GroupRef.Of(row.GroupId, row.GroupName),
            UserRef.Of(row.UserId, row.Username),
            JsonElement.Parse(row.Payload),
            Wire.Time(row.Created),
            Wire.Time(row.Modified),
            row.Kind,
            row.ResourceId,
            row.BaseSnapshot,
            others is { } count
                ? new Dictionary<string, long> { ["num_other_drafts"] = count }
                : new Dictionary<string, long>()
        );
}

/// <summary>A changed edit of a resource, on the snapshot that its author has seen.</summary>
public sealed record DraftChange<TChange>(long ResourceSnapshot, TChange ResourceData)
    where TChange : class;
