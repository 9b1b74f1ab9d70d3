using Alidade.Server.Pages.Parts;

namespace Alidade.Server.Pages.Trash;

/// <summary>What was deleted in the viewer's groups, newest first.</summary>
/// <param name="Problem">Why something could not be restored or purged.</param>
public sealed record TrashModel(
    Address Address,
    IReadOnlyList<TrashItem> Items,
    long Index,
    long Total,
    string? Problem = null
)
{
    public const int PageLength = 50;
}

/// <param name="Action">The address that restores it with <c>/restore</c> behind it, and purges it with <c>/purge</c>.</param>
/// <param name="Gone">When it is purged by itself; null while a version of a model is made of its files.</param>
public sealed record TrashItem(
    string Kind,
    string Name,
    string Group,
    string Action,
    DateTimeOffset Deleted,
    DateTimeOffset? Gone,
    bool MayChange
);
