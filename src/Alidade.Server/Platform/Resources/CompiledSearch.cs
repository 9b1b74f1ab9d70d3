namespace Alidade.Server.Platform.Resources;

/// <summary>A search as conditions that must all hold, with their parameters; more may be added to both.</summary>
public sealed class CompiledSearch
{
    public List<SearchCondition> Conditions { get; } = [];

    public Dictionary<string, object?> Arguments { get; } = new(StringComparer.Ordinal);

    /// <summary>To append to a WHERE.</summary>
    public string Where => string.Concat(Conditions.Select(c => $" AND ({c.Check})"));

    public bool IsEmpty => Conditions.Count == 0;

    /// <returns>The parameter's name.</returns>
    internal string Add(object? value)
    {
        var name = $"Search{Arguments.Count}";
        Arguments[name] = value;
        return "@" + name;
    }
}

/// <summary>One term of a search as SQL, twice.</summary>
/// <param name="Check">A condition on a row that is already at hand.</param>
/// <param name="Ids">
/// A SELECT of <c>id</c> that an index answers, giving the rows that match, some perhaps twice; null where nothing is faster
/// than to look at every row.
/// </param>
/// <param name="Order">Which condition to begin with: the least usually finds the fewest.</param>
public sealed record SearchCondition(string Check, string? Ids = null, SearchCost Order = SearchCost.EveryRow)
{
    /// <summary><see cref="Ids"/> may give a row several times.</summary>
    public bool Repeats { get; init; }

    /// <summary>Holds for no row.</summary>
    public static readonly SearchCondition Never = new("1 = 0", "SELECT 0 AS id WHERE 1 = 0", SearchCost.Range);

    /// <summary>Holds where one of these does.</summary>
    public static SearchCondition Any(IReadOnlyList<SearchCondition> those) =>
        those.Count switch
        {
            0 => Never,
            1 => those[0],
            _ => new SearchCondition(
                string.Join(" OR ", those.Select(c => c.Check)),
                those.All(c => c.Ids is not null) ? string.Join(" UNION ALL ", those.Select(c => c.Ids)) : null,
                those.Max(c => c.Order)
            )
            {
                Repeats = true,
            },
        };
}

/// <summary>What it takes to find the rows of a condition, the cheapest first.</summary>
public enum SearchCost
{
    /// <summary>A range of an index that the list itself goes by: needs no look-up of its own.</summary>
    Range,
    Text,
    Link,
    EveryRow,
}
