using Alidade.Engine.Issues;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Graphs.Reading;

/// <summary>
/// What the readers of the sections share. Each reads all it can and reports the rest, so that every mistake is found
/// at once.
/// </summary>
internal abstract class SectionReader(List<Issue> issues)
{
    protected void Report(string location, string reason, Place place, string? hint = null) =>
        issues.Add(Issue.Error(IssueType.Schema, $"In {location}: {reason}", place, hint));

    /// <summary>The entries of a section; none, with an issue, when it is no mapping.</summary>
    protected IReadOnlyList<MappingEntry> Entries(Node section, string location, string content)
    {
        if (section is MappingNode mapping)
        {
            return mapping.Entries;
        }
        Report(location, $"{Shown(section)} is not a mapping of {content}", section.Place);
        return [];
    }

    protected static string Shown(Node node) =>
        node switch
        {
            MappingNode { Entries.Count: 0 } => "{}",
            MappingNode => "a mapping",
            SequenceNode { Items.Count: 0 } => "[]",
            SequenceNode => "a list",
            ScalarNode { Value: NullValue } => "nothing",
            ScalarNode { Text: { } text } => ParameterText.Shown(text),
            _ => ValueJson.ToText(node.ToValue()),
        };

    /// <summary>False, with an issue, when a mapping has a key that is none of these.</summary>
    protected bool HasOnly(MappingNode mapping, string location, params IReadOnlyList<string> keys)
    {
        var others = mapping.Entries.Where(entry => entry.Key.Text is not { } key || !keys.Contains(key)).ToList();
        if (others.Count > 0)
        {
            var names = string.Join(", ", others.Select(entry => Shown(entry.Key)));
            var hint = others[0].Key.Text is { } text ? new NearNames().Hint(text, keys) : null;
            Report(location, $"{names} does not belong here", others[0].Key.Place, hint);
        }
        return others.Count == 0;
    }
}
