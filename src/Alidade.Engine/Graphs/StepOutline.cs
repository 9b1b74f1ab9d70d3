namespace Alidade.Engine.Graphs;

/// <summary>A step as a drawing of the graph needs it.</summary>
/// <param name="After">Every step this one needs, by reference or by <c>dependencies</c>, in the order written.</param>
public sealed record StepOutline(string Name, string Task, IReadOnlyList<string> Outputs, IReadOnlyList<string> After);
