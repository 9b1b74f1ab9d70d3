namespace Alidade.Server.Platform.Resources;

/// <summary>A group as others refer to it.</summary>
public sealed record GroupRef(long Id, string Name, string Url)
{
    public static GroupRef Of(long id, string name) => new(id, name, $"{Wire.Root}/groups/{id}");
}

/// <summary>A user as others refer to it.</summary>
public sealed record UserRef(long Id, string Username, string Url)
{
    public static UserRef Of(long id, string name) => new(id, name, $"{Wire.Root}/users/{id}");
}

/// <summary>A tag as others refer to it.</summary>
public sealed record TagRef(long Id, string Name, GroupRef Group, string Url)
{
    public static TagRef Of(TagRow tag) =>
        new(tag.Id, tag.Name, GroupRef.Of(tag.GroupId, tag.GroupName), $"{Wire.Root}/tags/{tag.Id}");
}

/// <summary>A named resource as others refer to it.</summary>
public sealed record ResourceRef(long Id, GroupRef Group, string Url, string Name)
{
    public static ResourceRef Of(ResourceKind kind, long id, string name, GroupRef group) =>
        new(id, group, $"{Wire.Root}/{kind.Collection}/{id}", name);

    public static ResourceRef Of(ResourceKind kind, RefRow row) =>
        Of(kind, row.Id, row.Name, GroupRef.Of(row.GroupId, row.GroupName));

    public static ResourceRef Of(ResourceKind kind, Versioned row) =>
        Of(kind, row.Id, row.Name!, GroupRef.Of(row.GroupId, row.GroupName));
}

/// <summary>A resource pinned at a snapshot.</summary>
public sealed record SnapshotRef(long Id, long SnapshotId, GroupRef Group, string Url, string Name)
{
    public static SnapshotRef Of(ResourceKind kind, Versioned at) =>
        new(
            at.Id,
            at.Snapshot,
            GroupRef.Of(at.GroupId, at.GroupName),
            $"{Wire.Root}/{kind.Collection}/{at.Id}/snapshots/{at.Snapshot}",
            at.Name ?? ""
        );
}

/// <summary>The columns a reference is made of; <c>Parent</c> is the resource that holds the link, where many are read.</summary>
public sealed record RefRow
{
    public long Parent { get; init; }
    public long Id { get; init; }
    public string Name { get; init; } = "";
    public long GroupId { get; init; }
    public string GroupName { get; init; } = "";
}
