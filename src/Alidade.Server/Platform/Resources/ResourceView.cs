using System.Text.Json.Serialization;

namespace Alidade.Server.Platform.Resources;

/// <summary>The members that every versioned resource has on the wire.</summary>
public abstract record ResourceView
{
    protected ResourceView(Versioned at, bool asSnapshot)
    {
        Id = at.Id;
        Snapshot = at.Snapshot;
        Group = GroupRef.Of(at.GroupId, at.GroupName);
        User = UserRef.Of(at.AuthorId, at.AuthorName);
        CreatedOn = Wire.Time(at.Created);
        SnapshotCreatedOn = Wire.Time(at.SnapshotCreated);
        LastModifiedOn = Wire.Time(at.Modified);
        LatestSnapshot = at.IsLatest;
        HasDraft = asSnapshot ? null : at.HasDraft;
        Tags = [.. at.Tags.Select(TagRef.Of)];
        Description = at.Description;
    }

    public long Id { get; }
    public long Snapshot { get; }
    public GroupRef Group { get; }

    /// <summary>Who made this snapshot.</summary>
    public UserRef User { get; }
    public string CreatedOn { get; }
    public string SnapshotCreatedOn { get; }
    public string LastModifiedOn { get; }
    public bool LatestSnapshot { get; }

    /// <summary>Whether the caller has a draft of it; a snapshot does not say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? HasDraft { get; }
    public IReadOnlyList<TagRef> Tags { get; }
    public string? Description { get; }
}

/// <summary>What was deleted.</summary>
public sealed record Deletion(string Status, IReadOnlyList<long> Id)
{
    public static Deletion Of(params IReadOnlyList<long> ids) => new("Success", ids);
}
