namespace Alidade.Storage.Runs;

/// <summary>What of a run a search looks at.</summary>
public enum RunField
{
    Attribute,

    /// <summary>The last value of a series.</summary>
    Metric,

    /// <summary>The least value of a series.</summary>
    Least,

    /// <summary>The greatest value of a series.</summary>
    Greatest,
    Parameter,
    Result,
    Tag,
    Dataset,
}

/// <summary>What must hold of a run.</summary>
public abstract record RunPredicate;

public sealed record RunAll(IReadOnlyList<RunPredicate> Parts) : RunPredicate;

public sealed record RunAny(IReadOnlyList<RunPredicate> Parts) : RunPredicate;

public sealed record RunNot(RunPredicate Part) : RunPredicate;

/// <param name="Comparator"><c>= != &lt; &lt;= &gt; &gt;= LIKE ILIKE IN NOT IN IS NULL IS NOT NULL</c>.</param>
/// <param name="Value">A number, a text, a list of texts, or null.</param>
public sealed record RunCondition(RunField Field, string Key, string Comparator, object? Value) : RunPredicate;

/// <param name="ByNumber">Values of parameters and results that are numbers come first, by size.</param>
public sealed record RunOrder(RunField Field, string Key, bool Descending, bool ByNumber = false);

/// <summary>Which runs count by whether they are deleted.</summary>
public enum Stage
{
    Active,
    Deleted,
    All,
}
