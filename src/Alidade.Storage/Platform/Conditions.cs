namespace Alidade.Storage.Platform;

/// <summary>Builds a WHERE whose values are all parameters.</summary>
public sealed class Conditions(Dialect dialect)
{
    private readonly List<string> _all = [];

    public Dictionary<string, object?> Arguments { get; } = [];

    public Dialect Dialect => dialect;

    /// <summary>All conditions joined by AND.</summary>
    public string Sql => _all.Count == 0 ? "TRUE" : string.Join(" AND ", _all);

    public Conditions Add(string condition)
    {
        _all.Add(condition);
        return this;
    }

    /// <returns>The parameter's name in SQL.</returns>
    public string Parameter(object? value)
    {
        var name = $"v{Arguments.Count}";
        Arguments[name] = value;
        return "@" + name;
    }

    /// <summary>A parameter with a name of its own, so that the same statement serves for other values.</summary>
    /// <returns>As <see cref="Parameter"/>.</returns>
    public string Named(string name, object value)
    {
        Arguments[name] = value;
        return "@" + name;
    }

    /// <summary>Compares a text with <c>=</c>, <c>!=</c>, <c>LIKE</c> (by case), <c>ILIKE</c> (not by case), <c>IN</c> or <c>NOT IN</c>.</summary>
    /// <param name="value">A text, or a list of texts for the last two.</param>
    public string Text(string expression, string comparator, object value) =>
        comparator switch
        {
            "IN" => $"{expression} = ANY({Parameter(value)})",
            "NOT IN" => $"NOT ({expression} = ANY({Parameter(value)}))",
            "LIKE" when dialect == Dialect.Sqlite => $"{expression} GLOB {Parameter(Glob((string)value))}",
            "ILIKE" when dialect == Dialect.Sqlite => $"{expression} LIKE {Parameter(value)}",
            "LIKE" or "ILIKE" => $"{expression} {comparator} {Parameter(value)} ESCAPE ''",
            _ => $"{expression} {(comparator == "!=" ? "<>" : comparator)} {Parameter(value)}",
        };

    /// <summary>Texts in the order of their code points on both databases.</summary>
    public string ByCodePoint(string expression) =>
        dialect == Dialect.Postgres ? $"({expression}) COLLATE \"C\"" : expression;

    /// <summary>SQLite's LIKE knows no case; its GLOB does.</summary>
    private static string Glob(string pattern) =>
        string.Concat(
            pattern.Select(c =>
                c switch
                {
                    '%' => "*",
                    '_' => "?",
                    '*' or '?' or '[' => $"[{c}]",
                    _ => c.ToString(),
                }
            )
        );
}
