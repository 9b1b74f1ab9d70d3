using Alidade.Server.Pages.Jobs;

namespace Alidade.Server.Pages.Experiments;

/// <summary>The form that submits a job, made from the entrypoint's parameters.</summary>
public sealed record SubmitModel(Named Experiment, IReadOnlyList<Named> Entrypoints, IReadOnlyList<QueueChoice> Queues)
{
    public Named? Entrypoint { get; init; }
    public IReadOnlyList<ParameterField> Parameters { get; init; } = [];
    public IReadOnlyList<ArtifactField> Artifacts { get; init; } = [];
    public IReadOnlyList<StepItem> Steps { get; init; } = [];
    public long? Queue { get; init; }
    public string? Description { get; init; }
    public string? Timeout { get; init; }
    public string? Seed { get; init; }
    public SubmitNeeds Needs { get; init; } = new();

    /// <summary>What is wrong, by the name of the field; the empty name is for the form as a whole.</summary>
    public IReadOnlyDictionary<string, string> Errors { get; init; } = new Dictionary<string, string>();

    /// <summary>Why a job submitted now would not run, or not yet.</summary>
    public IReadOnlyList<string> Obstacles { get; init; } = [];
    public string Server { get; init; } = "";

    /// <summary>What is wrong with a field or, where it is a list or a mapping, with the first wrong thing in it.</summary>
    public string? ErrorOf(string field) => Errors.FirstOrDefault(error => IsOf(error.Key, field)).Value;

    /// <summary>What is wrong with the form as a whole, or with something that it has no field for.</summary>
    public string? Problem
    {
        get
        {
            var shown = Fields().ToList();
            var rest = Errors.Where(error => !shown.Exists(name => IsOf(error.Key, name))).Select(error => error.Value);
            return string.Join(" ", rest) is { Length: > 0 } text ? text : null;
        }
    }

    private IEnumerable<string> Fields() =>
        [
            .. Parameters.Select(p => p.Field),
            .. Artifacts.Select(a => a.Field),
            "queue",
            "description",
            "timeout",
            "seed",
            .. SubmitNeeds.Fields,
        ];

    private static bool IsOf(string error, string field) =>
        error == field || error.StartsWith(field + ".", StringComparison.Ordinal);
}

/// <summary>A queue a job can wait under, and how many workers watch it.</summary>
public sealed record QueueChoice(long Id, string Name, int Workers);

/// <summary>A parameter as the form shows it.</summary>
/// <param name="Type">The entrypoint's word for it: <c>string</c>, <c>integer</c>, <c>float</c>, <c>boolean</c>, <c>list</c>, <c>mapping</c>.</param>
public sealed record ParameterField(string Name, string Type, string? Value, bool Required)
{
    public string Field => "p." + Name;
}
