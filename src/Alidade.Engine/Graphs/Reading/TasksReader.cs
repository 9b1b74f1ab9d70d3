using Alidade.Engine.Issues;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Graphs.Reading;

/// <summary>Reads <c>tasks</c>, and the typed outputs that tasks and artifact inputs share.</summary>
internal sealed class TasksReader(List<Issue> issues) : SectionReader(issues)
{
    /// <param name="mayBeEmpty">No step needs a task of a plugin.</param>
    public IReadOnlyList<TaskModel> Read(Node section, bool mayBeEmpty)
    {
        if (!mayBeEmpty && section is MappingNode { Entries.Count: 0 })
        {
            const string Hint = "Give the entrypoint a plugin with a file that registers tasks.";
            Report("tasks section", "{} should be non-empty", section.Place, Hint);
        }
        return
        [
            .. Entries(section, "tasks section", "task names to tasks")
                .Select(entry => ReadTask(NameModel.Of(entry.Key), entry.Value)),
        ];
    }

    public IReadOnlyList<ArtifactInputModel> ReadArtifactInputs(Node section) =>
        [
            .. Entries(section, "artifact inputs section", "artifact names to outputs")
                .Select(entry => new ArtifactInputModel(
                    NameModel.Of(entry.Key),
                    ReadOutputs(entry.Value, $"artifact input \"{entry.Key.Text}\"")
                )),
        ];

    private TaskModel ReadTask(NameModel name, Node node)
    {
        var location = $"task plugin \"{name.Text}\"";
        if (node is not MappingNode mapping)
        {
            Report(location, $"{Shown(node)} is not a mapping with \"plugin\", \"inputs\" and \"outputs\"", node.Place);
            return new(name, "", node.Place, [], []);
        }
        HasOnly(mapping, location, "plugin", "inputs", "outputs");
        var plugin = mapping["plugin"];
        if (plugin is not ScalarNode { Text: not null })
        {
            Report(location, "\"plugin\" must name module and function, such as my_plugin.tasks.train", node.Place);
        }
        return new(
            name,
            (plugin as ScalarNode)?.Text ?? "",
            plugin?.Place ?? node.Place,
            mapping["inputs"] is { } inputs ? ReadInputs(inputs, $"{location} inputs") : [],
            mapping["outputs"] is { } outputs ? ReadOutputs(outputs, $"{location} outputs") : []
        );
    }

    private List<InputModel> ReadInputs(Node node, string location)
    {
        var inputs = new List<InputModel>();
        foreach (var item in Items(node, location))
        {
            if (item is MappingNode { Entries: [{ Value: ScalarNode { Text: { } brief } } only] })
            {
                inputs.Add(new(NameModel.Of(only.Key), brief, true));
            }
            else if (
                item is MappingNode mapping
                && mapping["name"] is ScalarNode { Text: not null } name
                && mapping["type"] is ScalarNode { Text: { } type }
                && mapping["required"] is null or ScalarNode { Value: BooleanValue }
                && HasOnly(mapping, location, "name", "type", "required")
            )
            {
                var required = mapping["required"] is not ScalarNode { Value: BooleanValue { Flag: false } };
                inputs.Add(new(NameModel.Of(name), type, required));
            }
            else
            {
                Report(location, $"{Shown(item)} is neither {{name: type}} nor {{name, type, required}}", item.Place);
            }
        }
        return inputs;
    }

    private List<OutputModel> ReadOutputs(Node node, string location)
    {
        var outputs = new List<OutputModel>();
        foreach (var item in node is MappingNode ? [node] : Items(node, location))
        {
            if (item is MappingNode { Entries: [{ Value: ScalarNode { Text: { } type } } only] })
            {
                outputs.Add(new(NameModel.Of(only.Key), type));
            }
            else
            {
                Report(location, $"{Shown(item)} is not {{name: type}}", item.Place);
            }
        }
        return outputs;
    }

    private IReadOnlyList<Node> Items(Node node, string location)
    {
        if (node is SequenceNode sequence)
        {
            return sequence.Items;
        }
        Report(location, $"{Shown(node)} is not a list", node.Place);
        return [];
    }
}
