using Alidade.Engine.Graphs;
using Alidade.Engine.Issues;

namespace Alidade.Engine.Plans;

/// <summary>What one job runs: an entrypoint snapshot and the values given to it.</summary>
/// <param name="Values">Texts by parameter name; a parameter that is missing takes its default.</param>
/// <param name="Artifacts">One for each artifact parameter, by name.</param>
public sealed record PlanRequest(
    EntrypointIdentity Entrypoint,
    EntrypointDefinition Definition,
    IReadOnlyDictionary<string, string> Values,
    IReadOnlyDictionary<string, ArtifactInput> Artifacts
);

public sealed record EntrypointIdentity(long Id, long Snapshot, string Name);

/// <summary>An artifact given to a job.</summary>
/// <param name="Path">The folder below <c>inputs/</c> that holds the one file or folder, such as <c>model</c>.</param>
/// <param name="Task">The artifact task that loads it.</param>
public sealed record ArtifactInput(string Path, ArtifactTaskSignature Task);

/// <param name="Plan">Null when an issue is an error.</param>
/// <param name="Issues">Every issue at once, warnings too.</param>
public sealed record PlanResult(CompiledPlan? Plan, IReadOnlyList<Issue> Issues)
{
    /// <summary>Given values that alone keep an entrypoint from running that would run with others.</summary>
    public IReadOnlyList<WrongValue> WrongValues { get; init; } = [];
}

/// <param name="Issue">What it does to the entrypoint.</param>
public sealed record WrongValue(string Parameter, Issue Issue);

/// <param name="Json"><c>plan.json</c>; equal requests give equal bytes.</param>
/// <param name="Digest">SHA-256 of <paramref name="Json"/> in UTF-8, 64 hexadecimal digits.</param>
/// <param name="Steps">In the order of execution.</param>
/// <param name="Values">The JSON form of each parameter's value, in the order of the entrypoint.</param>
public sealed record CompiledPlan(
    string Json,
    string Digest,
    IReadOnlyList<StepOutline> Steps,
    IReadOnlyList<KeyValuePair<string, Values.Value>> Values
);
