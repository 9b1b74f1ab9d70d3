using Alidade.Engine.Graphs.Reading;
using Alidade.Engine.Issues;
using Alidade.Engine.Types;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Graphs;

/// <summary>
/// The one document an entrypoint amounts to: its graphs as written, and beside them what its plugins, parameters and
/// types say. It is what is checked, what is compiled, and what the API shows as the entrypoint's configuration.
/// </summary>
internal static class ConfigDocument
{
    /// <returns>No root when one of the graphs cannot be read.</returns>
    public static (MappingNode? Root, IReadOnlyList<Issue> Issues) Build(EntrypointDefinition definition)
    {
        var issues = new List<Issue>();
        var graph = YamlReader.Read(definition.TaskGraph, Documents.TaskGraph);
        var artifacts = YamlReader.Read(definition.ArtifactGraph, Documents.ArtifactGraph);
        issues.AddRange(graph.Issues);
        issues.AddRange(artifacts.Issues);
        var types = TypeEntries(definition.Types, issues);
        var parameters = definition.Parameters.Select(parameter => ParameterEntry(parameter, issues)).ToList();
        if (graph.Root is null || artifacts.Root is null)
        {
            return (null, issues);
        }
        var everywhere = new Place(Documents.TaskGraph);
        var root = new MappingNode(
            everywhere,
            [
                Entry(everywhere, DocumentReader.Types, Mapping(Documents.Types, types)),
                Entry(everywhere, DocumentReader.Parameters, Mapping(Documents.Parameters, parameters)),
                Entry(everywhere, DocumentReader.Tasks, Mapping(Documents.Plugins, definition.Tasks.Select(TaskEntry))),
                Entry(everywhere, DocumentReader.Graph, graph.Root),
                Entry(
                    everywhere,
                    DocumentReader.ArtifactOutputs,
                    artifacts.Root is ScalarNode { Value: NullValue }
                        ? Mapping(Documents.ArtifactGraph, [])
                        : artifacts.Root
                ),
                Entry(
                    everywhere,
                    DocumentReader.ArtifactInputs,
                    Mapping(Documents.ArtifactParameters, definition.ArtifactParameters.Select(ArtifactEntry))
                ),
            ]
        );
        return (root, issues);
    }

    private static List<MappingEntry> TypeEntries(IReadOnlyList<NamedType> types, List<Issue> issues)
    {
        var place = new Place(Documents.Types);
        var entries = new List<MappingEntry>();
        foreach (var type in types)
        {
            var isBuiltin = BuiltinTypes.ByName.ContainsKey(type.Name);
            if (isBuiltin && type.Structure is null)
            {
                continue;
            }
            try
            {
                var structure = type.Structure is null ? Value.Null : PythonJson.Parse(type.Structure);
                entries.Add(Entry(place, type.Name, Node.From(structure, place)));
            }
            catch (FormatException error)
            {
                var message = $"In definition of type \"{type.Name}\": the structure is not JSON: {error.Message}";
                issues.Add(Issue.Error(IssueType.Schema, message, place));
                entries.Add(Entry(place, type.Name, Node.From(Value.Null, place)));
            }
        }
        return entries;
    }

    private static MappingEntry ParameterEntry(EntrypointParameter parameter, List<Issue> issues)
    {
        var place = new Place(Documents.Parameters);
        var members = new List<MappingEntry>();
        if (parameter.Default is { } text)
        {
            if (ParameterText.TryParse(parameter.Type, text, out var value, out var reason))
            {
                members.Add(Entry(place, "default", Node.From(value, place)));
            }
            else
            {
                var error = new ParameterTextException(parameter.Name, parameter.Type, text, reason);
                issues.Add(Issue.Error(IssueType.Type, error.Message, place));
            }
        }
        if (TypeName(parameter.Type) is { } type)
        {
            members.Add(Entry(place, "type", Text(place, type)));
        }
        return Entry(place, parameter.Name, new MappingNode(place, members));
    }

    /// <summary>Null for lists and mappings: their type is that of their value.</summary>
    private static string? TypeName(ParameterType type) =>
        type switch
        {
            ParameterType.Float => "number",
            ParameterType.List or ParameterType.Mapping => null,
            _ => type.Name(),
        };

    private static MappingEntry TaskEntry(TaskSignature task)
    {
        var place = new Place(Documents.Plugins);
        var module = ModulePath.Of(task.Plugin, task.File);
        var members = new List<MappingEntry> { Entry(place, "plugin", Text(place, $"{module}.{task.Name}")) };
        if (task.Inputs.Count > 0)
        {
            var inputs = task.Inputs.Select(input => new MappingNode(
                place,
                [
                    Entry(place, "name", Text(place, input.Name)),
                    Entry(place, "type", Text(place, input.Type)),
                    Entry(place, "required", new ScalarNode(place, Value.Of(input.Required))),
                ]
            ));
            members.Add(Entry(place, "inputs", new SequenceNode(place, [.. inputs])));
        }
        if (task.Outputs.Count > 0)
        {
            members.Add(Entry(place, "outputs", Outputs(place, task.Outputs)));
        }
        return Entry(place, task.Name, new MappingNode(place, members));
    }

    private static MappingEntry ArtifactEntry(ArtifactParameter artifact)
    {
        var place = new Place(Documents.ArtifactParameters);
        return Entry(place, artifact.Name, Outputs(place, artifact.Outputs));
    }

    /// <summary>A single output as a mapping, several as a list of mappings.</summary>
    private static Node Outputs(Place place, IReadOnlyList<TaskOutput> outputs)
    {
        var nodes = outputs
            .Select(Node (output) => new MappingNode(place, [Entry(place, output.Name, Text(place, output.Type))]))
            .ToList();
        return nodes is [var only] ? only : new SequenceNode(place, nodes);
    }

    private static MappingNode Mapping(string document, IEnumerable<MappingEntry> entries)
    {
        var map = new MapBuilder<MappingEntry>();
        foreach (var entry in entries)
        {
            map.Set(entry.Key.Value, entry);
        }
        return new(new Place(document), [.. map.Entries.Select(entry => entry.Value)]);
    }

    private static MappingEntry Entry(Place place, string key, Node value) => new(Text(place, key), value);

    private static ScalarNode Text(Place place, string text) => new(place, Value.Of(text));
}
