using Alidade.Engine.Graphs;
using Alidade.Engine.Graphs.Reading;
using Alidade.Engine.Issues;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Types;

/// <summary>The structure of one type, read by itself as it is saved.</summary>
public static class TypeStructure
{
    private const string Name = "it";
    private static readonly Place Place = new(Documents.Types);

    /// <param name="json">Such as <c>{"list": "number"}</c>.</param>
    /// <param name="known">The names of the types it may be built from, beside the built-in ones.</param>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public static string? Problem(string json, IReadOnlyCollection<string> known)
    {
        var issues = new List<Issue>();
        if (Read(json, issues) is not { } expression)
        {
            return Said(issues[0]);
        }

        var names = known.Concat(BuiltinTypes.ByName.Keys).ToList();
        // The names it is built from count here as names only: what they stand for is looked up where it is used.
        var unknown = expression.Names.FirstOrDefault(name => !names.Contains(name.Name));
        return unknown is not null
            ? With(new NearNames().Hint(unknown.Name, names), $"there is no type \"{unknown.Name}\"")
            : All(expression).Select(Misbuilt).FirstOrDefault(problem => problem is not null);
    }

    /// <summary>The types it is built from; none when it is not built as it should be.</summary>
    public static IReadOnlyList<string> Names(string json) =>
        Read(json, []) is { } expression ? [.. expression.Names.Select(name => name.Name).Distinct()] : [];

    /// <summary>Whether it says nothing in our words, nor in what looks like one of them.</summary>
    public static bool IsForeign(string json) =>
        PythonJson.Parse(json) is MapValue { Entries.Count: > 0 } map
        && map.Entries.All(entry =>
            entry.Key is StringValue key && NearNames.Meant(key.Text, TypesReader.Words) is null
        );

    private static TypeExpression? Read(string json, List<Issue> issues)
    {
        var entry = new MappingEntry(new ScalarNode(Place, Value.Of(Name)), Node.From(PythonJson.Parse(json), Place));
        return new TypesReader(issues).Read(new MappingNode(Place, [entry])).FirstOrDefault()?.Expression;
    }

    private static IEnumerable<TypeExpression> All(TypeExpression expression) =>
        expression.Parts.SelectMany(All).Prepend(expression);

    private static string? Misbuilt(TypeExpression expression) =>
        expression switch
        {
            UnionExpression { Members.Count: 0 } => "\"union\" takes at least one type",
            SubtypeExpression { Parent: not TypeName } => "\"is_a\" takes the name of a type that is only a name",
            MappingExpression { Key: not TypeName { Name: "string" or "integer" } } =>
                "the keys of a mapping are of type string or integer",
            _ => null,
        };

    private static string Said(Issue issue)
    {
        var message = issue.Message.Replace($"In definition of type \"{Name}\": ", "", StringComparison.Ordinal);
        return With(issue.Hint, message);
    }

    private static string With(string? hint, string message) => hint is null ? $"{message}." : $"{message}. {hint}";
}
