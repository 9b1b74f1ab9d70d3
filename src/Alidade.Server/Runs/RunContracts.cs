using System.Text.Json.Nodes;

namespace Alidade.Server.Runs;

/// <summary>A step of a job's graph and how far it is; times in microseconds.</summary>
/// <param name="State">waiting, running, finished or failed.</param>
/// <param name="After">The steps it needs.</param>
public sealed record StepView(
    string Name,
    string Task,
    string State,
    long? Started,
    long? Ended,
    IReadOnlyList<string> After,
    string? Error
);

/// <summary>A last value that user code reported.</summary>
public sealed record ResultView(string Name, JsonNode? Value);
