using Alidade.Server.Pages.Jobs;
using Alidade.Server.Pages.Parts;
using Alidade.Server.Runs;

namespace Alidade.Server.Pages.Runs;

/// <summary>A run that stands alone.</summary>
public sealed record RunModel(Address Address, RunView Run, string Experiment, bool MayChange)
{
    public string View => Address["view"] ?? "overview";

    /// <summary>The runs that are part of it, as a search has its trials: the first few, and how many there are.</summary>
    public IReadOnlyList<RunItem> Parts { get; init; } = [];
    public long PartsTotal { get; init; }

    /// <summary>Series with more than a point are drawn, the others are numbers.</summary>
    public IReadOnlyList<string> Charts { get; init; } = [];
    public IReadOnlyList<KeyValuePair<string, string>> Numbers { get; init; } = [];

    public IReadOnlyList<ArtifactItem> Files =>
        [
            .. Run.Files.Select(file => new ArtifactItem(
                file.Path,
                file.Size,
                file.MediaType,
                $"/get-artifact?run_id={Run.Id}&path={Uri.EscapeDataString(file.Path)}"
            )),
        ];
}
