using Alidade.Engine.Issues;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Graphs.Reading;

/// <summary>Reads <c>artifact_outputs</c>: what a job hands over once its steps are done.</summary>
internal sealed class ArtifactOutputsReader(List<Issue> issues) : SectionReader(issues)
{
    private const string Form = "an artifact is written {contents: $step, task: {name: ArtifactTask, args: {...}}}";

    public IReadOnlyList<ArtifactOutputModel> Read(Node section) =>
        section is ScalarNode { Value: NullValue }
            ? []
            :
            [
                .. Entries(section, "artifact outputs section", "artifact names to contents and task")
                    .Select(entry => ReadOutput(NameModel.Of(entry.Key), entry.Value))
                    .OfType<ArtifactOutputModel>(),
            ];

    private ArtifactOutputModel? ReadOutput(NameModel name, Node node)
    {
        var location = $"artifact output \"{name.Text}\"";
        if (node is not MappingNode mapping)
        {
            Report(location, $"{Shown(node)} is not a mapping; {Form}", node.Place);
            return null;
        }
        var isWhole = HasOnly(mapping, location, "contents", "task");
        if (mapping["contents"] is not { } contents || contents is ScalarNode { Text: not ['$', ..] })
        {
            var place = mapping["contents"]?.Place ?? node.Place;
            Report(location, "\"contents\" must refer to what a step gives, such as $step", place);
            return null;
        }
        if (mapping["task"] is not MappingNode task || task["name"] is not ScalarNode { Text: not null } taskName)
        {
            Report(location, "\"task\" must be a mapping with the \"name\" of an artifact task", node.Place);
            return null;
        }
        isWhole &= HasOnly(task, $"{location} task", "name", "args");
        if (task["args"] is { } args and not MappingNode)
        {
            Report($"{location} task", $"\"args\" takes a mapping of names to values, not {Shown(args)}", args.Place);
            return null;
        }
        return isWhole ? new(name, contents, NameModel.Of(taskName), task["args"] as MappingNode) : null;
    }
}
