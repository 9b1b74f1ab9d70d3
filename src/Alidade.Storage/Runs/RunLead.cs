using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>
/// The first key of a stretch in its own table, alias <c>o</c>, where an index has it: how far its values reach is seen
/// without reading a run.
/// </summary>
/// <param name="Condition">Which rows of the table belong to the stretch.</param>
/// <param name="Depth">How many leads stand before it in the order.</param>
internal sealed record RunLead(
    Conditions Where,
    string Table,
    string Condition,
    string Value,
    bool Descending,
    bool IsText,
    int Depth
)
{
    /// <summary>So many characters of a text are in its index.</summary>
    public const int Indexed = 100;

    private string Begin => $"begin{Depth}";

    private string End => $"end{Depth}";

    /// <summary>The first value of the order, or null when there is none.</summary>
    public object? First(ISession read) => Find(read, "", 0);

    public object? Of(ISession read, string run) => Find(read, $" AND o.run = {Where.Named($"run{Depth}", run)}", 0);

    /// <summary>The first value after this one.</summary>
    public object? After(ISession read, object value) =>
        Find(read, $" AND {Value} {(Descending ? '<' : '>')} {Where.Named(Begin, value)}", 0);

    /// <summary>The value so many rows after the first that has this one; null beyond the end.</summary>
    public object? After(ISession read, object value, int rows) => Find(read, $" AND {From(value)}", rows);

    /// <summary>SQL: this value, or one after it.</summary>
    public string From(object value) => $"{Value} {(Descending ? "<=" : ">=")} {Where.Named(Begin, value)}";

    /// <summary>SQL: before this value.</summary>
    public string To(object value) => $"{Value} {(Descending ? '>' : '<')} {Where.Named(End, value)}";

    /// <summary>SQL: this value and no other.</summary>
    public string Is(object value) => $"{Value} = {Where.Named(Begin, value)}";

    /// <summary>SQL: run <c>r</c> has this value.</summary>
    public string Has(object value) =>
        $"(SELECT TRUE FROM {Table} o WHERE {Condition} AND {Is(value)} AND o.run = r.id LIMIT 1)";

    /// <summary>Whether runs with this value differ only in what comes after it in the order.</summary>
    public static bool IsWhole(object value) => value is not string text || text.EnumerateRunes().Count() < Indexed;

    private object? Find(ISession read, string condition, int offset)
    {
        var sql =
            $"SELECT {Value} FROM {Table} o WHERE {Condition}{condition} ORDER BY {Value}{(Descending ? " DESC" : "")} LIMIT 1 OFFSET {offset}";
        return IsText ? read.First<string>(sql, Where.Arguments) : read.First<long?>(sql, Where.Arguments);
    }
}
