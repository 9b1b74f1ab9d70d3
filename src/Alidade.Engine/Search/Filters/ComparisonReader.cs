namespace Alidade.Engine.Search.Filters;

/// <summary>Reads single comparisons: a name, a comparator and a value.</summary>
public static class ComparisonReader
{
    /// <summary>The comparison that begins here; null when none does.</summary>
    public static Comparison? Read(IReadOnlyList<FilterToken> tokens, ref int at)
    {
        var next = at;
        if (!tokens[next].IsName || tokens[next].IsWord("AND"))
        {
            return null;
        }

        var (entity, key) = FieldNames.Split(tokens[next++].Text);
        if (Comparator(tokens, ref next) is not { } comparator)
        {
            return null;
        }

        if (comparator.EndsWith("NULL", StringComparison.Ordinal))
        {
            at = next;
            return new Comparison(entity, key, comparator, [], IsList: false);
        }

        if (Value(tokens, ref next) is not { } value)
        {
            return null;
        }

        at = next;
        return new Comparison(entity, key, comparator, value.Tokens, value.IsList);
    }

    private static string? Comparator(IReadOnlyList<FilterToken> tokens, ref int at)
    {
        if (at >= tokens.Count)
        {
            return null;
        }

        if (tokens[at].Text is "=" or "!=" or "<" or "<=" or ">" or ">=")
        {
            return tokens[at++].Text;
        }

        string[][] words =
        [
            ["LIKE"],
            ["ILIKE"],
            ["IN"],
            ["NOT", "IN"],
            ["IS", "NULL"],
            ["IS", "NOT", "NULL"],
        ];
        foreach (var phrase in words)
        {
            var start = at;
            if (
                start + phrase.Length <= tokens.Count
                && phrase.Select((w, i) => tokens[start + i].IsWord(w)).All(m => m)
            )
            {
                at += phrase.Length;
                return string.Join(' ', phrase);
            }
        }

        return null;
    }

    private static (IReadOnlyList<FilterToken> Tokens, bool IsList)? Value(
        IReadOnlyList<FilterToken> tokens,
        ref int at
    )
    {
        if (at >= tokens.Count)
        {
            return null;
        }

        if (tokens[at].Text != "(")
        {
            return tokens[at].Text is ")" or "," or ";" ? null : ([tokens[at++]], false);
        }

        var members = new List<FilterToken>();
        for (var next = at + 1; next < tokens.Count; next++)
        {
            if (tokens[next].Text == ")")
            {
                at = next + 1;
                return (members, true);
            }

            if (tokens[next].Text != ",")
            {
                members.Add(tokens[next]);
            }
        }

        return null;
    }
}
