namespace Alidade.Engine.Protocol;

/// <summary>The secrets of an attempt, by name. They go into memory of the worker's machine, and nowhere else.</summary>
public sealed record SecretsReply(IReadOnlyDictionary<string, string> Values)
{
    /// <summary>Without the values.</summary>
    public override string ToString() => $"{Values.Count} secrets";
}
