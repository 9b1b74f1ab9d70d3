using Alidade.Engine.Search.Filters;
using Alidade.Server.MLflow.Protocol;

namespace Alidade.Server.MLflow.Search;

/// <summary>An item of <c>order_by</c>.</summary>
internal sealed record OrderClause(string? Entity, string Key, bool Descending)
{
    public static OrderClause Parse(string text)
    {
        var tokens = FilterLexer.Read(text);
        var direction = tokens.Count == 2 ? tokens[1].Text.ToUpperInvariant() : "ASC";
        if (tokens.Count is not (1 or 2) || direction is not ("ASC" or "DESC") || !tokens[0].IsName || tokens[0].IsOpen)
        {
            throw MlflowException.Invalid($"Invalid order_by clause {PythonText.Repr(text)}. Could not be parsed.");
        }

        var (entity, key) = FieldNames.Split(tokens[0].Text);
        return new OrderClause(entity, key, direction == "DESC");
    }

    /// <summary>All items, none about the same thing twice.</summary>
    public static IReadOnlyList<OrderClause> ParseAll(IReadOnlyList<string> texts)
    {
        var clauses = texts.Select(Parse).ToList();
        return clauses.DistinctBy(c => (c.Entity, c.Key)).Count() == clauses.Count
            ? clauses
            : throw MlflowException.Invalid($"`order_by` contains duplicate fields: {PythonText.List(texts)}");
    }
}
