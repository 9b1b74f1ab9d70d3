using System.Text.Json.Nodes;
using Alidade.Engine.Search;
using Alidade.Server.Platform.Errors;
using Alidade.Storage.Search;

namespace Alidade.Server.Platform.Resources;

/// <summary>Compiles a search into conditions with parameters; no part of the text becomes SQL.</summary>
public static class Search
{
    /// <summary>Over a kind of resource, alias <c>r</c>.</summary>
    public static CompiledSearch Compile(ISession s, ResourceKind kind, string text)
    {
        var texts = TextFields(kind);
        return Compile(text, [.. texts.Keys, "tag"], Condition);

        SearchCondition Condition(CompiledSearch search, string? field, SearchPattern pattern) =>
            field switch
            {
                null => SearchCondition.Any([
                    SearchConditions.Texts(search, s.Dialect, kind.Name, [.. texts.Values], "r.id", pattern),
                    SearchConditions.Tag(search, "r.id", pattern),
                ]),
                "tag" => SearchConditions.Tag(search, "r.id", pattern),
                _ when texts[field] == SearchText.Name => SearchConditions.Name(search, s.Dialect, kind.Name, pattern),
                _ => SearchConditions.Texts(search, s.Dialect, kind.Name, [texts[field]], "r.id", pattern),
            };
    }

    /// <summary>Over columns of one table that hold folded text.</summary>
    /// <param name="fields">Names as typed, and the column each stands for.</param>
    public static CompiledSearch CompileColumns(string text, params (string Field, string Column)[] fields) =>
        Compile(
            text,
            [.. fields.Select(f => f.Field)],
            (search, field, pattern) =>
                SearchCondition.Any([
                    .. fields
                        .Where(f => field is null || f.Field == field)
                        .Select(f => SearchConditions.Column(search, f.Column, pattern)),
                ])
        );

    /// <param name="fields">Names that may be typed.</param>
    /// <param name="condition">The condition of a field and pattern; without a field, of any field.</param>
    public static CompiledSearch Compile(
        string text,
        IReadOnlyList<string> fields,
        Func<CompiledSearch, string?, SearchPattern, SearchCondition> condition
    )
    {
        var search = new CompiledSearch();
        foreach (var (field, pattern) in Terms(text, fields))
        {
            search.Conditions.Add(condition(search, field, pattern));
        }

        return search;
    }

    /// <summary>Over what is already read; null when there is nothing to search for.</summary>
    /// <param name="values">What a row has in a field: nothing, one text or many.</param>
    public static Func<T, bool>? Matcher<T>(
        string text,
        IReadOnlyList<string> fields,
        Func<T, string, IEnumerable<string?>> values
    )
    {
        var terms = Terms(text, fields);
        return terms.Count == 0 ? null : row => terms.All(term => Holds(row, term.Field, term.Pattern));

        bool Holds(T row, string? field, SearchPattern pattern) =>
            fields
                .Where(f => field is null || f == field)
                .SelectMany(f => values(row, f))
                .OfType<string>()
                .Any(value => pattern.Matches(TextFolding.Fold(value)));
    }

    /// <summary>The fields of a kind as typed, with those of the search table they stand for.</summary>
    internal static IReadOnlyDictionary<string, string> TextFields(ResourceKind kind)
    {
        var fields = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        if (kind.NameField is { } name)
        {
            fields[name] = SearchText.Name;
        }

        fields["description"] = SearchText.Description;
        foreach (var field in kind.SearchTexts ?? [])
        {
            fields[field] = field;
        }

        return fields;
    }

    private static IReadOnlyList<(string? Field, SearchPattern Pattern)> Terms(
        string text,
        IReadOnlyList<string> fields
    )
    {
        var terms = Parse(text).Terms;
        foreach (var term in terms)
        {
            if (term.Field is { } field && !fields.Contains(field))
            {
                var why = $"'{field}' is not a valid field; search in {string.Join(", ", fields)}";
                throw Refused($"{Unreadable}: At character {term.Position + 1}: {why}.", field, why);
            }
        }

        return [.. terms.Select(term => (term.Field, SearchPattern.Of(term)))];
    }

    private const string Unreadable = "The provided search query could not be parsed";

    private static SearchQuery Parse(string text)
    {
        try
        {
            return SearchParser.Parse(text);
        }
        catch (SearchSyntaxException e)
        {
            throw Refused(text, e);
        }
    }

    /// <summary>The answer to a search text that cannot be read.</summary>
    public static ApiException Refused(string text, SearchSyntaxException why) =>
        Refused($"{Unreadable}. {why.Message}", text, why.Message);

    private static ApiException Refused(string message, string query, string reason) =>
        new(
            StatusCodes.Status422UnprocessableEntity,
            "SearchParseError",
            message,
            new JsonObject { ["query"] = query, ["reason"] = reason }
        );
}
