namespace Alidade.Engine.Search;

/// <summary>
/// Whether a whole text has the form of a pattern. The pieces between runs of anything are looked for from left to right,
/// each at its first place, so nothing is tried again.
/// </summary>
public static class Glob
{
    /// <param name="pattern">Folded as the text is.</param>
    public static bool Matches(string text, IReadOnlyList<SearchToken> pattern)
    {
        var pieces = Pieces(pattern);
        var at = End(text, 0, pieces[0]);
        if (pieces.Count == 1)
        {
            return at == text.Length;
        }

        foreach (var piece in pieces.Skip(1).SkipLast(1))
        {
            at = at < 0 ? at : Find(text, at, piece);
        }

        return at >= 0 && Begin(text, pieces[^1]) >= at;
    }

    private static List<List<SearchToken>> Pieces(IReadOnlyList<SearchToken> pattern)
    {
        List<List<SearchToken>> pieces =
        [
            [],
        ];
        foreach (var token in pattern)
        {
            if (token is { Text: null, Many: true })
            {
                pieces.Add([]);
            }
            else
            {
                pieces[^1].Add(token);
            }
        }

        return pieces;
    }

    /// <summary>Where the first occurrence of the piece ends, or -1.</summary>
    private static int Find(string text, int from, List<SearchToken> piece)
    {
        for (var start = from; start <= text.Length; start++)
        {
            if (piece is [{ Text: { } first }, ..])
            {
                start = text.IndexOf(first, start, StringComparison.Ordinal);
                if (start < 0)
                {
                    return -1;
                }
            }

            if (End(text, start, piece) is >= 0 and var end)
            {
                return end;
            }
        }

        return -1;
    }

    /// <summary>Where the piece ends that begins here, or -1 when another one does.</summary>
    private static int End(string text, int at, List<SearchToken> piece)
    {
        foreach (var token in piece)
        {
            if (token.Text is { } literal)
            {
                if (!text.AsSpan(at).StartsWith(literal, StringComparison.Ordinal))
                {
                    return -1;
                }

                at += literal.Length;
            }
            else if (at == text.Length)
            {
                return -1;
            }
            else
            {
                at += at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
            }
        }

        return at;
    }

    /// <summary>Where the piece begins that ends the text, or -1 when another one does.</summary>
    private static int Begin(string text, List<SearchToken> piece)
    {
        var at = text.Length;
        foreach (var token in Enumerable.Reverse(piece))
        {
            if (token.Text is { } literal)
            {
                if (!text.AsSpan(0, at).EndsWith(literal, StringComparison.Ordinal))
                {
                    return -1;
                }

                at -= literal.Length;
            }
            else if (at == 0)
            {
                return -1;
            }
            else
            {
                at -= at > 1 && char.IsSurrogatePair(text[at - 2], text[at - 1]) ? 2 : 1;
            }
        }

        return at;
    }
}
