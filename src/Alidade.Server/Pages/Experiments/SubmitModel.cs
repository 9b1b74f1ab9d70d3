using Alidade.Server.Pages.Jobs;
using Alidade.Server.Pages.Web;

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
    public IReadOnlyDictionary<string, string> Errors { get; init; } = FormErrors.None;

    /// <summary>Why a job submitted now would not run, or not yet.</summary>
    public IReadOnlyList<string> Obstacles { get; init; } = [];
    public string Server { get; init; } = "";

    public string? ErrorOf(string field) => Errors.Of(field);

    public string? Problem =>
        Errors.Beside([
            .. Parameters.Select(p => p.Field),
            .. Artifacts.Select(a => a.Field),
            "queue",
            "description",
            "timeout",
            "seed",
            .. SubmitNeeds.Fields,
        ]);
}

/// <summary>A queue a job can wait under, and how many workers watch it.</summary>
public sealed record QueueChoice(long Id, string Name, int Workers);

/// <summary>A parameter as the form shows it.</summary>
/// <param name="Type">The entrypoint's word for it: <c>string</c>, <c>integer</c>, <c>float</c>, <c>boolean</c>, <c>list</c>, <c>mapping</c>.</param>
public sealed record ParameterField(string Name, string Type, string? Value, bool Required)
{
    public string Field => "p." + Name;
}
