namespace Alidade.Engine.Search;

/// <summary>Runs of three characters, Unicode code points, by which indexes know texts.</summary>
public static class Trigrams
{
    /// <summary>More would only lengthen the work of an index; a match is looked at again in any case.</summary>
    private const int Most = 48;

    /// <summary>What a text contains in which these pieces stand; none where they are too short.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<string> pieces)
    {
        var trigrams = new HashSet<string>(StringComparer.Ordinal);
        foreach (var piece in pieces)
        {
            var runes = piece.EnumerateRunes().ToArray();
            for (var i = 0; i + 3 <= runes.Length && trigrams.Count < Most; i++)
            {
                trigrams.Add(string.Concat(runes[i], runes[i + 1], runes[i + 2]));
            }
        }

        return [.. trigrams];
    }

    /// <summary>A query of SQLite's full-text index: these trigrams in any order.</summary>
    public static string Match(IEnumerable<string> trigrams) => string.Join(" AND ", trigrams.Select(Quoted));

    private static string Quoted(string text) => '"' + text.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
}
