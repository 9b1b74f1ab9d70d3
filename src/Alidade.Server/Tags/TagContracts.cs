using Alidade.Server.Platform;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Resources;

namespace Alidade.Server.Tags;

public sealed record TagInput(long Group, [Name] string Name);

public sealed record TagChange([Name] string Name);

/// <summary>Ids of the things to link.</summary>
public sealed record IdList(IReadOnlyList<long> Ids);

public sealed record TagView(
    long Id,
    string Name,
    GroupRef Group,
    UserRef User,
    string CreatedOn,
    string LastModifiedOn
)
{
    internal static TagView Of(TagRecord tag) =>
        new(
            tag.Id,
            tag.Name,
            GroupRef.Of(tag.GroupId, tag.GroupName),
            UserRef.Of(tag.OwnerId, tag.OwnerName),
            Wire.Time(tag.Created),
            Wire.Time(tag.Modified)
        );
}

internal sealed record TagRecord
{
    public long Id { get; init; }
    public string Name { get; init; } = "";
    public long GroupId { get; init; }
    public string GroupName { get; init; } = "";
    public long OwnerId { get; init; }
    public string OwnerName { get; init; } = "";
    public long Created { get; init; }
    public long Modified { get; init; }
}
