using System.Text;
using System.Text.Json.Nodes;
using Alidade.Engine.Search;
using Alidade.Server.Platform.Errors;

namespace Alidade.Server.Platform.Resources;

/// <summary>Compiles a search into conditions with parameters; no part of the text becomes SQL.</summary>
public static class Search
{
    /// <summary>Over the columns of one table.</summary>
    /// <param name="fields">Names as typed, and the column (or expression) each stands for.</param>
    public static CompiledSearch CompileColumns(string text, params (string Field, string Column)[] fields) =>
        Compile(text, [.. fields.Select(f => (f.Field, $"{Folded(f.Column)} LIKE {{0}} ESCAPE '/'"))]);

    /// <summary>Over a kind of resource, alias <c>r</c>.</summary>
    public static CompiledSearch Compile(ResourceKind kind, string text) => Compile(text, Conditions(kind));

    /// <summary>Over snapshots that are already read.</summary>
    public static Func<Versioned, bool> Matcher(ResourceKind kind, string text)
    {
        var query = Parse(text);
        var known = Conditions(kind).Select(c => c.Field).ToList();
        foreach (var term in query.Terms)
        {
            RequireKnown(term, known);
        }

        return row =>
            query.Terms.All(term => Values(kind, row, term.Field).Any(v => Matches(Wire.Fold(v), term.Pattern)));
    }

    /// <summary>Over anything that is already read; null when there is nothing to search for.</summary>
    public static Func<T, bool>? Matcher<T>(string text, IReadOnlyList<string> fields, Func<T, string, string> value)
    {
        var terms = Parse(text).Terms;
        foreach (var term in terms)
        {
            RequireKnown(term, fields);
        }

        return terms.Count == 0
            ? null
            : row =>
                terms.All(term =>
                    fields.Any(f =>
                        (term.Field is null || term.Field == f) && Matches(Wire.Fold(value(row, f)), term.Pattern)
                    )
                );
    }

    /// <param name="conditions">Each field with its SQL condition, <c>{0}</c> standing for the pattern's parameter.</param>
    public static CompiledSearch Compile(string text, IReadOnlyList<(string Field, string Condition)> conditions)
    {
        var where = new StringBuilder();
        var arguments = new Dictionary<string, object?>(StringComparer.Ordinal);
        var known = conditions.Select(c => c.Field).ToList();
        foreach (var term in Parse(text).Terms)
        {
            RequireKnown(term, known);
            var name = $"Pattern{arguments.Count}";
            arguments[name] = Like(term.Pattern);
            var matching = conditions.Where(c => term.Field is null || c.Field == term.Field);
            where
                .Append(" AND (")
                .AppendJoin(
                    " OR ",
                    matching.Select(c => c.Condition.Replace("{0}", "@" + name, StringComparison.Ordinal))
                )
                .Append(')');
        }

        return new CompiledSearch(where.ToString(), arguments);
    }

    private static IReadOnlyList<(string Field, string Condition)> Conditions(ResourceKind kind) =>
        [
            (kind.NameField, "r.folded LIKE {0} ESCAPE '/'"),
            ("description", $"{Folded("r.description")} LIKE {{0}} ESCAPE '/'"),
            (
                "tag",
                "EXISTS (SELECT 1 FROM resource_tag rt JOIN tag t ON t.id = rt.tag_id WHERE rt.resource_id = r.id AND t.folded LIKE {0} ESCAPE '/')"
            ),
            .. (kind.SearchTexts ?? []).Select(field =>
                (
                    field,
                    $"EXISTS (SELECT 1 FROM resource_text x WHERE x.resource_id = r.id AND x.field = '{field}' AND x.text LIKE {{0}} ESCAPE '/')"
                )
            ),
        ];

    private static string Folded(string column) => $"LOWER({column})";

    private static SearchQuery Parse(string text)
    {
        try
        {
            return SearchParser.Parse(text);
        }
        catch (SearchSyntaxException e)
        {
            throw Refused("The provided search query could not be parsed. " + e.Message, text, e.Message);
        }
    }

    private static void RequireKnown(SearchTerm term, IReadOnlyList<string> known)
    {
        if (term.Field is { } field && !known.Contains(field))
        {
            var why = $"'{field}' is not a valid field; search in {string.Join(", ", known)}";
            throw Refused("The provided search query could not be parsed: " + why + ".", field, why);
        }
    }

    private static ApiException Refused(string message, string query, string reason) =>
        new(
            StatusCodes.Status422UnprocessableEntity,
            "SearchParseError",
            message,
            new JsonObject { ["query"] = query, ["reason"] = reason }
        );

    private static string Like(IReadOnlyList<SearchToken> pattern)
    {
        var like = new StringBuilder();
        foreach (var token in pattern)
        {
            if (token.Text is not { } text)
            {
                like.Append(token.Many ? '%' : '_');
                continue;
            }

            foreach (var c in Wire.Fold(text))
            {
                like.Append(c is '%' or '_' or '/' ? "/" : "").Append(c);
            }
        }

        return like.ToString();
    }

    private static IEnumerable<string> Values(ResourceKind kind, Versioned row, string? field)
    {
        if (field is null || field == kind.NameField)
        {
            yield return row.Name ?? "";
        }

        if (field is null or "description")
        {
            yield return row.Description ?? "";
        }

        if (field is null or "tag")
        {
            foreach (var tag in row.Tags)
            {
                yield return tag.Name;
            }
        }
    }

    private static bool Matches(string text, IReadOnlyList<SearchToken> pattern)
    {
        // Where the pattern can be after each character: the usual simulation, linear in both lengths.
        var places = new HashSet<(int Token, int Offset)>();
        Enter(0);
        foreach (var c in text)
        {
            var before = places;
            places = [];
            foreach (var (token, offset) in before)
            {
                if (token == pattern.Count)
                {
                    continue;
                }

                if (pattern[token].Text is not { } literal)
                {
                    Enter(pattern[token].Many ? token : token + 1);
                }
                else if (Wire.Fold(literal) is var folded && folded[offset] == c)
                {
                    if (offset + 1 == folded.Length)
                    {
                        Enter(token + 1);
                    }
                    else
                    {
                        places.Add((token, offset + 1));
                    }
                }
            }
        }

        return places.Contains((pattern.Count, 0));

        void Enter(int token)
        {
            places.Add((token, 0));
            if (token < pattern.Count && pattern[token] is { Text: null, Many: true })
            {
                Enter(token + 1);
            }
        }
    }
}

/// <summary>A condition to append to a WHERE, with its parameters; more may be added to them.</summary>
public sealed record CompiledSearch(string Where, Dictionary<string, object?> Arguments);
