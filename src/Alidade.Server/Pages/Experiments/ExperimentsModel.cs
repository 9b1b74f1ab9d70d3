using Alidade.Server.Pages.Jobs;
using Alidade.Server.Pages.Parts;

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
    public long Jobs { get; init; }
    public long Live { get; init; }
    public long Failed { get; init; }
    public IReadOnlyList<string> Entrypoints { get; init; } = [];
}

/// <summary>An experiment with its jobs side by side.</summary>
public sealed record ExperimentModel(ExperimentItem Experiment, Address Address, JobSheet Sheet, long Total)
{
    public IReadOnlyList<Named> Entrypoints { get; init; } = [];

    /// <summary>Series that at least one of the jobs has more than a point of.</summary>
    public IReadOnlyList<string> Charts { get; init; } = [];

    /// <summary>Jobs in the charts, with the colour each keeps while it is chosen.</summary>
    public IReadOnlyList<Charted> Charted { get; init; } = [];
    public bool MayChange { get; init; }
    public string Server { get; init; } = "";
    public string Version { get; init; } = "";

    public string View => Address["view"] ?? "jobs";

    public int IndexOf(JobItem job) => Charted.FirstOrDefault(one => one.Job == job.Id)?.Index ?? 0;
}

/// <summary>A job in the charts.</summary>
/// <param name="Index">Its colour, 1 to 8.</param>
public sealed record Charted(long Job, string Label, int Index)
{
    public const int Most = 8;

    /// <summary>Reads <c>4-1,7-2</c>; without it the first few jobs that have a series are in the charts.</summary>
    public static IReadOnlyList<Charted> Of(string? chosen, IReadOnlyList<JobItem> jobs, Func<JobItem, bool> hasSeries)
    {
        if (chosen is null)
        {
            return [.. jobs.Where(hasSeries).Take(5).Select((job, i) => new Charted(job.Id, LabelOf(job), i + 1))];
        }

        var byId = jobs.ToDictionary(job => job.Id);
        return
        [
            .. chosen
                .Split(',')
                .Select(pair => pair.Split('-'))
                .Where(pair => pair.Length == 2 && long.TryParse(pair[0], out var id) && byId.ContainsKey(id))
                .Where(pair => int.TryParse(pair[1], out var index) && index is >= 1 and <= Most)
                .Select(pair => new Charted(
                    long.Parse(pair[0]),
                    LabelOf(byId[long.Parse(pair[0])]),
                    int.Parse(pair[1])
                ))
                .DistinctBy(one => one.Job)
                .Take(Most),
        ];
    }

    public static string LabelOf(JobItem job) => $"{job.Id} {job.Name}";
}
