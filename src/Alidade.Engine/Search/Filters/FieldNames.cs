namespace Alidade.Engine.Search.Filters;

/// <summary>Names in filters and orders: <c>params.lr</c>, <c>metrics.`val loss`</c>, <c>start_time</c>.</summary>
public static class FieldNames
{
    /// <summary>The part before the first dot, and the rest; without a dot it is an attribute.</summary>
    public static (string? Entity, string Key) Split(string text)
    {
        if (text[0] is '"' || (text[0] is '`' && text.IndexOf('`', 1) == text.Length - 1))
        {
            return (null, Unquoted(text));
        }

        var start = text[0] == '`' ? text.IndexOf('`', 1) : 0;
        var dot = start < 0 ? -1 : text.IndexOf('.', start);
        return dot < 0 ? (null, Unquoted(text)) : (Unquoted(text[..dot]), Unquoted(text[(dot + 1)..]));
    }

    public static string Unquoted(string text) =>
        text.Length > 1 && text[0] is '`' or '"' or '\'' && text[^1] == text[0] ? text[1..^1] : text;
}
