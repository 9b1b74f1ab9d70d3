using Alidade.Server.Pages.Experiments;
using Alidade.Server.Pages.Jobs;
using Alidade.Server.Pages.Runs;

namespace Alidade.Server.Pages.Home;

/// <summary>What runs, what ended, what needs a look.</summary>
public sealed record HomeModel(string Group)
{
    public int Slots { get; init; }
    public long Running { get; init; }
    public long Waiting { get; init; }
    public long Jobs { get; init; }
    public int Workers { get; init; }
    public IReadOnlyList<JobItem> Live { get; init; } = [];

    /// <summary>Runs that scripts track by themselves and have not ended, the newest of <see cref="Tracked"/>.</summary>
    public IReadOnlyList<RunItem> LiveRuns { get; init; } = [];
    public long Tracked { get; init; }
    public IReadOnlyList<JobItem> Ended { get; init; } = [];
    public IReadOnlyList<JobItem> Failed { get; init; } = [];
    public IReadOnlyList<ExperimentItem> Experiments { get; init; } = [];
    public bool MayChange { get; init; }
    public string Server { get; init; } = "";
}
