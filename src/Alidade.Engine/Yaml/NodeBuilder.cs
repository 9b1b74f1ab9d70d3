using Alidade.Engine.Issues;
using Alidade.Engine.Values;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Alidade.Engine.Yaml;

/// <summary>Turns the parser's events into nodes; every limit is checked on the event, before its node exists.</summary>
internal sealed class NodeBuilder(string document)
{
    private const string StandardTag = "tag:yaml.org,2002:";
    private readonly Dictionary<string, (Node Node, int Size)> _anchors = [];
    private readonly HashSet<string> _open = [];
    private readonly List<Issue> _warnings = [];
    private int _nodes;
    private int _aliases;
    private int _depth;

    public IReadOnlyList<Issue> Warnings => _warnings;

    /// <exception cref="YamlException">The text is not YAML, or beyond what is allowed.</exception>
    public Node Read(IParser parser)
    {
        parser.Consume<StreamStart>();
        if (parser.TryConsume<StreamEnd>(out var end))
        {
            return new ScalarNode(At(end), Value.Null);
        }
        parser.Consume<DocumentStart>();
        var root = ReadNode(parser);
        parser.Consume<DocumentEnd>();
        if (!parser.TryConsume<StreamEnd>(out _))
        {
            throw Refuse(parser.Current!, "only one document is allowed, without a second \"---\"");
        }
        return root;
    }

    private Node ReadNode(IParser parser)
    {
        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            return ReadAlias(alias);
        }
        var head = parser.Consume<NodeEvent>();
        Count(1, head);
        var before = _nodes;
        var anchor = head.Anchor.IsEmpty ? null : head.Anchor.Value;
        if (anchor is not null && (_anchors.ContainsKey(anchor) || !_open.Add(anchor)))
        {
            throw Refuse(head, $"the anchor &{anchor} is defined twice");
        }
        Node node = head switch
        {
            Scalar scalar => ReadScalar(scalar),
            SequenceStart => ReadSequence(parser, head),
            _ => ReadMapping(parser, head),
        };
        if (anchor is not null)
        {
            _open.Remove(anchor);
            _anchors[anchor] = (node, _nodes - before + 1);
        }
        return node;
    }

    private Node ReadAlias(AnchorAlias alias)
    {
        var name = alias.Value.Value;
        if (++_aliases > YamlLimits.Aliases)
        {
            throw Refuse(alias, $"more than {YamlLimits.Aliases} aliases");
        }
        if (!_anchors.TryGetValue(name, out var target))
        {
            var reason = _open.Contains(name) ? "stands inside what it repeats" : "has no anchor";
            throw Refuse(alias, $"the alias *{name} {reason}");
        }
        Count(target.Size, alias);
        return target.Node;
    }

    private ScalarNode ReadScalar(Scalar scalar)
    {
        try
        {
            var value =
                scalar.Tag.IsEmpty || scalar.Tag.Value == "!"
                    ? (scalar.Style == ScalarStyle.Plain ? YamlScalars.Resolve(scalar.Value) : Value.Of(scalar.Value))
                    : YamlScalars.Tagged(scalar.Tag.Value, scalar.Value);
            return new ScalarNode(At(scalar), value ?? throw UnknownTag(scalar));
        }
        catch (FormatException error)
        {
            throw Refuse(scalar, error.Message);
        }
    }

    private SequenceNode ReadSequence(IParser parser, NodeEvent head)
    {
        CheckTag(head, "seq");
        var items = new List<Node>();
        Enter(head);
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(ReadNode(parser));
        }
        _depth--;
        return new SequenceNode(At(head), items);
    }

    private MappingNode ReadMapping(IParser parser, NodeEvent head)
    {
        CheckTag(head, "map");
        var own = new List<MappingEntry>();
        var merged = new List<MappingEntry>();
        Enter(head);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var isMerge = parser.Current is Scalar { Value: "<<", Style: ScalarStyle.Plain, Tag.IsEmpty: true };
            var at = parser.Current!;
            var key = ReadNode(parser);
            var value = ReadNode(parser);
            if (isMerge)
            {
                merged.AddRange(Merge(value, at));
                continue;
            }
            own.Add(new(key as ScalarNode ?? throw Refuse(at, "a key must be a single value"), value));
        }
        _depth--;
        return new MappingNode(At(head), Combine(merged, own));
    }

    /// <summary>Keys of the mapping itself win over merged ones; of equal own keys the last wins.</summary>
    private List<MappingEntry> Combine(List<MappingEntry> merged, List<MappingEntry> own)
    {
        var map = new MapBuilder<MappingEntry>();
        foreach (var entry in merged)
        {
            map.Set(entry.Key.Value, entry);
        }
        var seen = new MapBuilder<bool>();
        foreach (var entry in own)
        {
            if (!seen.Set(entry.Key.Value, true))
            {
                var message =
                    $"The key {ValueJson.ToText(entry.Key.Value)} stands twice in one mapping; the last one counts.";
                _warnings.Add(Issue.Warning(IssueType.Schema, message, entry.Key.Place));
            }
            map.Set(entry.Key.Value, entry);
        }
        return
        [
            .. map.Entries.Select(entry => entry.Value with { Key = new ScalarNode(entry.Value.Key.Place, entry.Key) }),
        ];
    }

    private static IEnumerable<MappingEntry> Merge(Node value, ParsingEvent at) =>
        value switch
        {
            MappingNode mapping => mapping.Entries,
            SequenceNode sequence => sequence
                .Items.Reverse()
                .SelectMany(item =>
                    item is MappingNode mapping
                        ? mapping.Entries
                        : throw Refuse(at, "\"<<\" takes a mapping or a list of mappings")
                ),
            _ => throw Refuse(at, "\"<<\" takes a mapping or a list of mappings"),
        };

    private void Count(int nodes, ParsingEvent at)
    {
        _nodes += nodes;
        if (_nodes > YamlLimits.Nodes)
        {
            throw Refuse(at, $"more than {YamlLimits.Nodes} nodes, aliases counted as what they stand for");
        }
    }

    private void Enter(ParsingEvent at)
    {
        if (++_depth > YamlLimits.Depth)
        {
            throw Refuse(at, $"nested deeper than {YamlLimits.Depth}");
        }
    }

    private static void CheckTag(NodeEvent head, string expected)
    {
        if (!head.Tag.IsEmpty && head.Tag.Value != "!" && head.Tag.Value != StandardTag + expected)
        {
            throw UnknownTag(head);
        }
    }

    private static YamlException UnknownTag(NodeEvent node) =>
        Refuse(
            node,
            $"the tag {node.Tag.Value.Replace(StandardTag, "!!", StringComparison.Ordinal)} does not fit here"
        );

    private static YamlException Refuse(ParsingEvent at, string reason) => new(at.Start, at.End, reason);

    private Place At(ParsingEvent at) => new(document, (int)at.Start.Line, (int)at.Start.Column);
}
