using Alidade.Server.Pages.Jobs;
using Alidade.Server.Pages.Parts;
using Alidade.Server.Pages.Runs;
using Alidade.Server.Runs.Tables;

namespace Alidade.Server.Pages.Experiments;

/// <summary>The list of experiments.</summary>
public sealed record ExperimentsModel(
    Address Address,
    IReadOnlyList<ExperimentItem> Experiments,
    long Index,
    long Total,
    bool MayChange,
    string? SearchError = null
)
{
    public const int PageLength = 50;
}

/// <summary>An experiment as lists show it.</summary>
public sealed record ExperimentItem(
    long Id,
    string Name,
    string? Description,
    string Group,
    DateTimeOffset LastActivity
)
{
    /// <summary>Jobs and tracked runs.</summary>
    public long Runs { get; init; }
    public long Live { get; init; }
    public long Failed { get; init; }
    public IReadOnlyList<string> Entrypoints { get; init; } = [];
}

/// <summary>An experiment with its jobs and tracked runs side by side.</summary>
public sealed record ExperimentModel(ExperimentItem Experiment, Address Address, RunSheet Sheet, long Total)
{
    public const int PageLength = 100;

    public IReadOnlyList<Named> Entrypoints { get; init; } = [];

    /// <summary>There are more than <see cref="Total"/>.</summary>
    public bool HasMore { get; init; }

    /// <summary>The token of the next page.</summary>
    public string? Next { get; init; }

    /// <summary>All that can be a column.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>What rows are grouped by, and their groups.</summary>
    public string? GroupBy { get; init; }
    public IReadOnlyList<RunGroupView> Groups { get; init; } = [];

    /// <summary>Series that at least one of the charted runs has more than a point of.</summary>
    public IReadOnlyList<string> Charts { get; init; } = [];

    /// <summary>Runs in the charts, with the colour each keeps while it is chosen.</summary>
    public IReadOnlyList<Charted> Charted { get; init; } = [];
    public bool MayChange { get; init; }
    public string Server { get; init; } = "";
    public string Version { get; init; } = "";
    public string? FilterError { get; init; }

    public string View => Address["view"] ?? "jobs";

    public bool IsFiltered => Address["search"] is not null;

    public int IndexOf(RunItem item) => Charted.FirstOrDefault(one => one.Key == item.Key)?.Index ?? 0;
}

/// <summary>A run in the charts.</summary>
/// <param name="Key">A job's number, else the run's id.</param>
/// <param name="Index">Its colour, 1 to 8.</param>
public sealed record Charted(string Key, string Run, string Label, int Index)
{
    public const int Most = 8;

    /// <summary>Reads <c>4-1,7-2</c>; without it the first few that have a series are in the charts.</summary>
    public static IReadOnlyList<Charted> Of(string? chosen, IReadOnlyList<RunItem> rows)
    {
        if (chosen is null)
        {
            return
            [
                .. rows.Where(row => row.Values.Keys.Any(k => k.StartsWith("metrics.", StringComparison.Ordinal)))
                    .Take(5)
                    .Select((row, i) => Of(row, i + 1)),
            ];
        }

        var byKey = rows.ToDictionary(row => row.Key);
        return
        [
            .. chosen
                .Split(',')
                .Select(pair => pair.Split('-'))
                .Where(pair => pair.Length == 2 && byKey.ContainsKey(pair[0]))
                .Where(pair => int.TryParse(pair[1], out var index) && index is >= 1 and <= Most)
                .Select(pair => Of(byKey[pair[0]], int.Parse(pair[1])))
                .DistinctBy(one => one.Key)
                .Take(Most),
        ];
    }

    public static Charted Of(RunItem row, int index) => new(row.Key, row.Run, row.Label, index);
}
