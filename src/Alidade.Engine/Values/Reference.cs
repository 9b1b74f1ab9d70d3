namespace Alidade.Engine.Values;

/// <summary>What a <c>$name</c> in a graph means once it is resolved.</summary>
public abstract record Reference
{
    private protected Reference() { }
}

/// <summary>A parameter of the entrypoint.</summary>
public sealed record ParameterReference(string Parameter) : Reference;

/// <summary>An output of an earlier step; <paramref name="Output"/> is null when the step has a single one.</summary>
public sealed record StepReference(string Step, string? Output) : Reference;

/// <summary>An artifact input; <paramref name="Output"/> is null when it has a single one.</summary>
public sealed record ArtifactReference(string Artifact, string? Output) : Reference;
