using System.Security.Cryptography;
using System.Text;

namespace Alidade.Storage.Platform;

/// <summary>
/// An order in which each row has a place of its own, so that a page can begin after a row instead of after a number of
/// rows: what comes or goes meanwhile moves nothing. Expressions are never NULL; the last one is unique.
/// </summary>
public sealed class Keyset
{
    private readonly List<(string Expression, bool Descending, bool IsText)> _terms = [];

    public Keyset By(string expression, bool descending = false, bool isText = false)
    {
        _terms.Add((expression, descending, isText));
        return this;
    }

    /// <summary>For ORDER BY.</summary>
    public string Order => string.Join(", ", _terms.Select(t => t.Descending ? t.Expression + " DESC" : t.Expression));

    /// <summary>For ORDER BY over rows that were selected with their place.</summary>
    public string Merged => string.Join(", ", _terms.Select((t, i) => t.Descending ? $"k{i} DESC" : $"k{i}"));

    /// <summary>For SELECT: the place of a row.</summary>
    public string Place => string.Join(", ", _terms.Select((t, i) => $"{t.Expression} AS k{i}"));

    /// <summary>What the order is by where its SQL does not tell, as names that are arguments.</summary>
    public string About { get; set; } = "";

    /// <summary>A name that another order hardly shares.</summary>
    public string Name =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Order + '\n' + About)).AsSpan(0, 8));

    /// <summary>Whether the rows are told apart by a text.</summary>
    public bool EndsWithText => _terms[^1].IsText;

    /// <summary>Whether this order could compare these: texts with texts, numbers with numbers.</summary>
    public bool Fits(IReadOnlyList<object> keys) =>
        keys.Count == _terms.Count && keys.Zip(_terms).All(pair => (pair.First is string) == pair.Second.IsText);

    /// <summary>SELECT of a place by what the order compares.</summary>
    public static string At(Conditions where, IReadOnlyList<object> keys) =>
        $"SELECT {string.Join(", ", keys.Select((key, i) => $"{where.Parameter(key)} AS k{i}"))}";

    /// <summary>For SELECT: the place of a row as a JSON list.</summary>
    public string Json(Dialect dialect)
    {
        // Joined by hand: a function takes no more than a hundred arguments on PostgreSQL.
        var each = _terms.Select(t =>
            dialect == Dialect.Postgres ? $"CAST(to_json({t.Expression}) AS TEXT)" : $"json_quote({t.Expression})"
        );
        return $"'[' || {string.Join(" || ',' || ", each)} || ']'";
    }

    /// <summary>
    /// For WHERE: rows after the place that <paramref name="last"/> is an alias of. The first condition says again what the
    /// others imply, for an index to begin there.
    /// </summary>
    public string After(string last)
    {
        var condition = "";
        for (var i = _terms.Count - 1; i >= 0; i--)
        {
            var (expression, descending, _) = _terms[i];
            var beyond = $"{expression} {(descending ? '<' : '>')} {last}.k{i}";
            condition = condition.Length == 0 ? beyond : $"({beyond} OR ({expression} = {last}.k{i} AND {condition}))";
        }

        return _terms.Count == 1
            ? condition
            : $"{_terms[0].Expression} {(_terms[0].Descending ? "<=" : ">=")} {last}.k0 AND {condition}";
    }
}
