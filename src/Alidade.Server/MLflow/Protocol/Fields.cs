namespace Alidade.Server.MLflow.Protocol;

/// <summary>A field that a request must have; an empty text or list counts as missing.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class RequiredAttribute : Attribute;

/// <summary>An older name of a field; the new one wins.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class FormerlyAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>Which runs, experiments or models a search is about.</summary>
public enum ViewType
{
    ActiveOnly = 1,
    DeletedOnly = 2,
    All = 3,
}

/// <summary>How a run stands, as its client claims.</summary>
public enum RunStatus
{
    Running = 1,
    Scheduled = 2,
    Finished = 3,
    Failed = 4,
    Killed = 5,
}
