using System.Text;
using Alidade.Engine.Search;
using Alidade.Storage.Platform;
using Alidade.Storage.Search;

namespace Alidade.Server.Platform.Resources;

/// <summary>The conditions that searches are made of; values only ever become parameters.</summary>
internal static class SearchConditions
{
    /// <summary>The folded name of a resource: whole names and beginnings come from the index of names.</summary>
    public static SearchCondition Name(CompiledSearch search, Dialect dialect, string kind, SearchPattern pattern)
    {
        if (pattern.Exact is { } exact)
        {
            return new SearchCondition($"r.folded = {search.Add(exact)}", null, SearchCost.Range);
        }

        if (pattern.Prefix is { } prefix)
        {
            var end = After(prefix) is { } after ? $" AND r.folded < {search.Add(after)}" : "";
            return new SearchCondition($"r.folded >= {search.Add(prefix)}{end}", null, SearchCost.Range);
        }

        return Texts(search, dialect, kind, [SearchText.Name], "r.id", pattern) with
        {
            Check = $"r.folded {Like(search, pattern)}",
        };
    }

    /// <summary>Texts of the search table, found by their trigrams and looked at again.</summary>
    /// <param name="id">The column with the resource's id.</param>
    public static SearchCondition Texts(
        CompiledSearch search,
        Dialect dialect,
        string kind,
        IReadOnlyList<string> fields,
        string id,
        SearchPattern pattern
    )
    {
        var like = Like(search, pattern);
        var wanted = $"x.field IN ({string.Join(", ", fields.Select(f => search.Add(f)))}) AND x.text {like}";
        var check = $"EXISTS (SELECT 1 FROM search x WHERE x.resource = {id} AND {wanted})";
        if (pattern.Trigrams is not { Count: > 0 } trigrams)
        {
            return new SearchCondition(check);
        }

        var found = $"x.kind = {search.Add(kind)} AND {wanted}";
        return new SearchCondition(
            check,
            dialect == Dialect.Postgres
                ? $"SELECT x.resource AS id FROM search x WHERE {found}"
                : $"SELECT x.resource AS id FROM search_index CROSS JOIN search x WHERE search_index MATCH {search.Add(Match(kind, trigrams))} AND x.id = search_index.rowid AND {found}",
            SearchCost.Text
        )
        {
            Repeats = fields.Count > 1,
        };
    }

    /// <param name="id">The column with the resource's id.</param>
    public static SearchCondition Tag(CompiledSearch search, string id, SearchPattern pattern)
    {
        var named = pattern.Exact is { } exact
            ? $"t.folded = {search.Add(exact)}"
            : $"t.folded {Like(search, pattern)}";
        return new SearchCondition(
            $"EXISTS (SELECT 1 FROM resource_tag rt JOIN tag t ON t.id = rt.tag_id WHERE rt.resource_id = {id} AND {named})",
            $"SELECT rt.resource_id AS id FROM tag t CROSS JOIN resource_tag rt WHERE rt.tag_id = t.id AND {named}",
            SearchCost.Link
        )
        {
            Repeats = true,
        };
    }

    /// <summary>A column that holds folded text.</summary>
    public static SearchCondition Column(CompiledSearch search, string column, SearchPattern pattern) =>
        new($"{column} {Like(search, pattern)}");

    private static string Like(CompiledSearch search, SearchPattern pattern) =>
        $"LIKE {search.Add(pattern.Like)} ESCAPE '/'";

    /// <summary>A query of the full-text index: these trigrams in any order.</summary>
    private static string Match(string kind, IEnumerable<string> trigrams) =>
        $"kind : {Trigrams.Match([kind[^3..]])} AND text : ({Trigrams.Match(trigrams)})";

    /// <summary>The least text that is greater than all that begin so, by code points as by bytes; null when there is none.</summary>
    private static string? After(string prefix)
    {
        var runes = prefix.EnumerateRunes().ToList();
        while (runes.Count > 0)
        {
            var last = runes[^1].Value;
            runes.RemoveAt(runes.Count - 1);
            if (last < 0x10FFFF)
            {
                // Between the two lie the surrogates, which are no characters.
                runes.Add(new Rune(last == 0xD7FF ? 0xE000 : last + 1));
                return string.Concat(runes);
            }
        }

        return null;
    }
}
