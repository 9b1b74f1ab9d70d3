using System.Diagnostics.CodeAnalysis;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Graphs;

/// <summary><c>$name</c> or <c>$name.output</c> as written; <c>$$</c> at the start stands for one <c>$</c>.</summary>
internal sealed record ReferenceText(string Written, string Name, string? Output)
{
    public static bool TryParse(string text, [NotNullWhen(true)] out ReferenceText? reference)
    {
        reference = null;
        if (text is not ['$', not '$', ..])
        {
            return false;
        }
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        reference = dot < 0 ? new(text[1..], text[1..], null) : new(text[1..], text[1..dot], text[(dot + 1)..]);
        return true;
    }

    /// <summary>What a text that is no reference stands for.</summary>
    public static string Unescape(string text) => text is ['$', '$', ..] ? text[1..] : text;

    /// <summary>Every reference in a part of a document, in lists and values of mappings at any depth.</summary>
    public static IEnumerable<(ReferenceText Reference, Node Node)> In(Node node) =>
        node switch
        {
            ScalarNode { Text: { } text } => TryParse(text, out var reference) ? [(reference, node)] : [],
            SequenceNode sequence => sequence.Items.SelectMany(In),
            MappingNode mapping => mapping.Entries.SelectMany(entry => In(entry.Value)),
            _ => [],
        };

    /// <summary>The value of a part of a document, with <paramref name="resolve"/> called for its references.</summary>
    public static Value Resolve(Node node, Func<ReferenceText, Value> resolve) =>
        node switch
        {
            ScalarNode { Text: { } text } => TryParse(text, out var reference)
                ? resolve(reference)
                : Value.Of(Unescape(text)),
            SequenceNode sequence => new ListValue([.. sequence.Items.Select(item => Resolve(item, resolve))]),
            MappingNode mapping => new MapValue([
                .. mapping.Entries.Select(entry => KeyValuePair.Create(entry.Key.Value, Resolve(entry.Value, resolve))),
            ]),
            _ => node.ToValue(),
        };
}
