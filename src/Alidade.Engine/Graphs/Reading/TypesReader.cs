using Alidade.Engine.Issues;
using Alidade.Engine.Types;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Graphs.Reading;

/// <summary>Reads <c>types</c>: each is nothing but a name, or built with one of five words.</summary>
internal sealed class TypesReader(List<Issue> issues) : SectionReader(issues)
{
    public static readonly IReadOnlyList<string> Words = ["list", "tuple", "mapping", "union", "is_a"];

    public IReadOnlyList<TypeDefinition> Read(Node section)
    {
        var definitions = new List<TypeDefinition>();
        foreach (var entry in Entries(section, "types section", "type names to definitions"))
        {
            var name = NameModel.Of(entry.Key);
            var expression = entry.Value is ScalarNode { Value: NullValue }
                ? new NominalExpression()
                : ReadStructure(entry.Value, $"definition of type \"{name.Text}\"");
            if (expression is not null)
            {
                definitions.Add(new(name.Text, expression, name.Place));
            }
        }
        return definitions;
    }

    private TypeExpression? ReadType(Node node, string location) =>
        node is ScalarNode { Text: { } name } ? new TypeName(name, node.Place) : ReadStructure(node, location);

    private TypeExpression? ReadStructure(Node node, string location)
    {
        if (node is not MappingNode { Entries: [var entry] } || !Words.Contains(entry.Key.Text))
        {
            var reason = $"{Shown(node)} is not a definition with exactly one of {string.Join(", ", Words)}";
            var meant = node is MappingNode { Entries: [{ Key.Text: { } word }] } ? NearNames.Meant(word, Words) : null;
            Report(location, reason, node.Place, meant is null ? null : $"Did you mean \"{meant}\"?");
            return null;
        }
        return (entry.Key.Text, entry.Value) switch
        {
            ("list", var item) => ReadType(item, location) is { } type ? new ListExpression(type) : null,
            ("is_a", var parent) => ReadType(parent, location) is { } type ? new SubtypeExpression(type) : null,
            ("tuple", SequenceNode items) => ReadAll(items, location) is { } types ? new TupleExpression(types) : null,
            ("union", SequenceNode items) => ReadAll(items, location) is { } types ? new UnionExpression(types) : null,
            ("mapping", SequenceNode { Items.Count: 2 } pair) => ReadAll(pair, location) is [var key, var value]
                ? new MappingExpression(key, value)
                : null,
            ("mapping", MappingNode properties) => ReadRecord(properties, location),
            var (word, content) => Misused(word!, content, location),
        };
    }

    private List<TypeExpression>? ReadAll(SequenceNode items, string location)
    {
        var types = items.Items.Select(item => ReadType(item, location)).ToList();
        return types.Contains(null) ? null : [.. types.OfType<TypeExpression>()];
    }

    private RecordExpression? ReadRecord(MappingNode properties, string location)
    {
        var types = new Dictionary<string, TypeExpression>();
        foreach (var entry in properties.Entries)
        {
            if (entry.Key.Text is not { } name)
            {
                Report(location, $"the property name {Shown(entry.Key)} is not text", entry.Key.Place);
                return null;
            }
            if (ReadType(entry.Value, location) is not { } type)
            {
                return null;
            }
            types[name] = type;
        }
        return new RecordExpression(types);
    }

    private TypeExpression? Misused(string word, Node content, string location)
    {
        var expected = word == "mapping" ? "[key type, value type] or {property: type, …}" : "a list of types";
        Report(location, $"\"{word}\" takes {expected}, not {Shown(content)}", content.Place);
        return null;
    }
}
