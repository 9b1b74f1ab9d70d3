using Alidade.Engine.Issues;
using Alidade.Engine.Values;

namespace Alidade.Engine.Yaml;

/// <summary>A part of a document that knows where it was written.</summary>
public abstract class Node(Place place)
{
    public Place Place { get; } = place;

    /// <summary>The same without places.</summary>
    public abstract Value ToValue();

    /// <summary>A document of its own from a value that has no text, every part of it at one place.</summary>
    public static Node From(Value value, Place place) =>
        value switch
        {
            ListValue list => new SequenceNode(place, [.. list.Items.Select(item => From(item, place))]),
            MapValue map => new MappingNode(
                place,
                [
                    .. map.Entries.Select(entry => new MappingEntry(
                        new ScalarNode(place, entry.Key),
                        From(entry.Value, place)
                    )),
                ]
            ),
            _ => new ScalarNode(place, value),
        };
}

public sealed class ScalarNode(Place place, Value value) : Node(place)
{
    public Value Value { get; } = value;

    public string? Text => (Value as StringValue)?.Text;

    public override Value ToValue() => Value;
}

public sealed class SequenceNode(Place place, IReadOnlyList<Node> items) : Node(place)
{
    public IReadOnlyList<Node> Items { get; } = items;

    public override Value ToValue() => new ListValue([.. Items.Select(item => item.ToValue())]);
}

/// <summary>A mapping in the order written; no key stands twice.</summary>
public sealed class MappingNode(Place place, IReadOnlyList<MappingEntry> entries) : Node(place)
{
    public IReadOnlyList<MappingEntry> Entries { get; } = entries;

    public Node? this[string key] => Entries.FirstOrDefault(entry => entry.Key.Text == key)?.Value;

    public override Value ToValue() =>
        new MapValue([
            .. Entries.Select(entry => new KeyValuePair<Value, Value>(entry.Key.Value, entry.Value.ToValue())),
        ]);
}

public sealed record MappingEntry(ScalarNode Key, Node Value);
