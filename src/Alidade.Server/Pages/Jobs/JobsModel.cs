using Alidade.Server.Pages.Parts;

namespace Alidade.Server.Pages.Jobs;

/// <summary>The list of all jobs.</summary>
public sealed record JobsModel(
    Address Address,
    IReadOnlyList<JobItem> Jobs,
    long Index,
    long Total,
    string? SearchError = null
)
{
    public const int PageLength = 50;

    public bool IsFiltered => Address["search"] is not null;
}
