using Alidade.Engine.Graphs;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Types;

/// <summary>The type of what was written where nobody declared one.</summary>
internal static class TypeInference
{
    /// <summary>Of a value as it is: a text that begins with <c>$</c> is text.</summary>
    public static EngineType OfValue(Node node) => Of(node, text => BuiltinTypes.Text);

    /// <summary>Of an argument: a reference has the type of what it stands for.</summary>
    public static EngineType OfArgument(Node node, Func<ReferenceText, EngineType> resolve) =>
        Of(node, text => ReferenceText.TryParse(text, out var reference) ? resolve(reference) : BuiltinTypes.Text);

    private static EngineType Of(Node node, Func<string, EngineType> ofText) =>
        node switch
        {
            ScalarNode { Text: { } text } => ofText(text),
            ScalarNode scalar => BuiltinTypes.Of(scalar.Value),
            SequenceNode sequence => new TupleType(null, [.. sequence.Items.Select(item => Of(item, ofText))]),
            MappingNode mapping => OfMapping(mapping, ofText),
            _ => BuiltinTypes.Any,
        };

    private static EngineType OfMapping(MappingNode mapping, Func<string, EngineType> ofText)
    {
        if (mapping.Entries.All(entry => entry.Key.Text is not null))
        {
            var properties = mapping.Entries.ToDictionary(entry => entry.Key.Text!, entry => Of(entry.Value, ofText));
            return new RecordType(null, properties);
        }
        if (!mapping.Entries.All(entry => entry.Key.Value is IntegerValue))
        {
            return BuiltinTypes.Any;
        }
        var values = mapping.Entries.Select(entry => Of(entry.Value, ofText)).Distinct().ToList();
        return new MappingType(null, BuiltinTypes.Integer, values is [var only] ? only : new UnionType(null, values));
    }
}
