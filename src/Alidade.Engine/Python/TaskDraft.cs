using Alidade.Engine.Graphs;

namespace Alidade.Engine.Python;

/// <summary>A task as its function suggests it, to be looked over by its author.</summary>
/// <param name="Missing">Type names that are not built in, each once, in the order they appear.</param>
public sealed record TaskDraft(
    string Name,
    IReadOnlyList<TaskInput> Inputs,
    IReadOnlyList<TaskOutput> Outputs,
    IReadOnlyList<MissingType> Missing
);

/// <param name="Description">The annotation the name was made from.</param>
public sealed record MissingType(string Name, string Description);
