using Alidade.Engine.Issues;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Graphs;

/// <summary>An entrypoint's YAML file, parted into the texts that are kept apart; what it lacks is empty.</summary>
/// <param name="TaskGraph">What stands below <c>graph:</c>.</param>
/// <param name="ArtifactGraph">What stands below <c>artifacts:</c>.</param>
public sealed record EntrypointFile(string TaskGraph, string ArtifactGraph)
{
    private static readonly string[] Sections = ["graph", "artifacts"];

    /// <param name="document">What an issue says it is about: the file's name.</param>
    /// <returns>No file when an issue is an error.</returns>
    public static (EntrypointFile? File, IReadOnlyList<Issue> Issues) Read(string yaml, string document)
    {
        var (root, issues) = YamlReader.Read(yaml, document);
        if (root is null)
        {
            return (null, issues);
        }

        if (root is not MappingNode map)
        {
            var problem = Issue.Error(
                IssueType.Schema,
                "An entrypoint file is a mapping with the keys graph and artifacts.",
                root.Place
            );
            return (null, [.. issues, problem]);
        }

        List<Issue> all = [.. issues, .. Misnamed(map)];
        var lines = yaml.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n');
        return (new EntrypointFile(Section(lines, map, "graph"), Section(lines, map, "artifacts")), all);
    }

    /// <summary>
    /// Keys that were probably meant for a section. Others are left alone: anchors stand there, and what other tools
    /// keep in the file.
    /// </summary>
    private static IEnumerable<Issue> Misnamed(MappingNode map) =>
        from entry in map.Entries
        let name = NameModel.Of(entry.Key).Text
        where !Sections.Contains(name)
        let meant = NearNames.Meant(name, Sections.Where(section => map[section] is null))
        where meant is not null || map["graph"] is null
        select Issue.Warning(
            IssueType.Schema,
            $"The key \"{name}\" is not used",
            entry.Key.Place,
            meant is null ? "The steps stand below \"graph\"." : $"Did you mean \"{meant}\"?"
        );

    /// <summary>
    /// The part as it is written, comments and all, where that alone means the same; else, as with anchors from outside
    /// of it, written anew.
    /// </summary>
    private static string Section(string[] lines, MappingNode map, string key)
    {
        var value = map[key]?.ToValue() ?? Value.Null;
        if (
            value
            is NullValue
                or MapValue { Entries.Count: 0 }
                or ListValue { Items.Count: 0 }
                or StringValue { Text: "" }
        )
        {
            return "";
        }

        var written = Below(lines, key + ":");
        return YamlReader.Read(written, key).Root?.ToValue() is { } same && same.Equals(value)
            ? written
            : YamlWriter.Write(value);
    }

    /// <summary>The indented lines below a key at the margin, moved to the margin.</summary>
    private static string Below(string[] lines, string key)
    {
        var body = lines
            .SkipWhile(line => line.TrimEnd() != key)
            .Skip(1)
            .TakeWhile(line => line.Length == 0 || line[0] is ' ' or '#')
            .ToList();
        var indent = body.Where(line => line.Trim().Length > 0 && line[0] != '#')
            .Select(line => line.Length - line.TrimStart().Length)
            .DefaultIfEmpty()
            .Min();
        var text = string.Join('\n', body.Select(line => line[Math.Min(indent, Leading(line))..])).Trim('\n');
        return text.Length == 0 ? "" : text + "\n";
    }

    private static int Leading(string line) => line.Length - line.TrimStart(' ').Length;
}
