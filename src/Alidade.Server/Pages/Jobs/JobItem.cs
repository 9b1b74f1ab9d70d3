using Alidade.Server.Pages.Parts;

namespace Alidade.Server.Pages.Jobs;

/// <summary>A job as lists show it.</summary>
public sealed record JobItem(
    long Id,
    string State,
    string? Description,
    Named Experiment,
    Named Entrypoint,
    string Queue,
    string User,
    DateTimeOffset Created,
    DateTimeOffset? Started,
    DateTimeOffset? Ended
)
{
    /// <summary>The parameters as the user wrote them, in the entrypoint's order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; init; } = [];

    /// <summary>The last value of every metric and of every result that is a number.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary>Why it ended or why it waits, in one line.</summary>
    public string? Note { get; init; }

    /// <summary>What people call it: the first line of its description, else its entrypoint.</summary>
    public string Name =>
        Description?.Split('\n', 2)[0].Trim() is { Length: > 0 and <= 80 } line ? line : Entrypoint.Name;

    public string Address => $"/jobs/{Id}";

    public bool IsOver => Status.IsOver(State);
}

/// <summary>Something with a page of its own.</summary>
public sealed record Named(long Id, string Name);
