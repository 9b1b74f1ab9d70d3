using Alidade.Engine.Issues;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Graphs.Reading;

/// <summary>Reads <c>graph</c>: steps that call a task with positional, keyword or mixed arguments.</summary>
internal sealed class StepsReader(List<Issue> issues) : SectionReader(issues)
{
    private const string Form = "a step is written {task: arguments}, or {task: name, args: [...], kwargs: {...}}";

    public IReadOnlyList<StepModel> Read(Node section)
    {
        if (section is MappingNode { Entries.Count: 0 } or ScalarNode { Value: NullValue })
        {
            Report("graph section", "there is no step", section.Place, $"Write at least one; {Form}.");
            return [];
        }
        return
        [
            .. Entries(section, "graph section", "step names to steps")
                .Select(entry => ReadStep(NameModel.Of(entry.Key), entry.Value))
                .OfType<StepModel>(),
        ];
    }

    private StepModel? ReadStep(NameModel name, Node node)
    {
        var location = $"step \"{name.Text}\"";
        if (node is not MappingNode mapping)
        {
            Report(location, $"{Shown(node)} is not a mapping; {Form}", node.Place);
            return null;
        }
        return mapping["task"] is { } task
            ? ReadMixed(name, mapping, task, location)
            : ReadShort(name, mapping, location);
    }

    private StepModel? ReadMixed(NameModel name, MappingNode step, Node task, string location)
    {
        var isWhole = HasOnly(step, location, "task", "args", "kwargs", "dependencies", "timeout");
        if (task is not ScalarNode { Text: not null } taskName)
        {
            Report(location, $"\"task\" takes the name of a task, not {Shown(task)}", task.Place);
            return null;
        }
        if (step["args"] is MappingNode args)
        {
            Report(location, "\"args\" takes a list or a single value; named ones belong to \"kwargs\"", args.Place);
            return null;
        }
        if (step["kwargs"] is { } kwargs and not MappingNode)
        {
            Report(location, $"\"kwargs\" takes a mapping of names to values, not {Shown(kwargs)}", kwargs.Place);
            return null;
        }
        return isWhole && ReadDependencies(step, location) is { } dependencies
            ? new(
                name,
                NameModel.Of(taskName),
                step.Place,
                Positional(step["args"]),
                Keywords(step["kwargs"] as MappingNode),
                dependencies,
                ReadTimeout(step["timeout"], location),
                step["args"] is null or SequenceNode
            )
            : null;
    }

    private StepModel? ReadShort(NameModel name, MappingNode step, string location)
    {
        var calls = step.Entries.Where(entry => entry.Key.Text != "dependencies").ToList();
        // Alone it is a task of that name, as it is where steps have no time limit.
        var timeout = calls.Count > 1 ? calls.FirstOrDefault(entry => entry.Key.Text == "timeout") : null;
        if (timeout is not null)
        {
            calls.Remove(timeout);
        }
        if (calls.Count == 0 || step.Entries.Count - (timeout is null ? 0 : 1) > 2)
        {
            var reason = calls.Count == 0 ? "no task is named" : "more than one task is named";
            Report(location, $"{reason}; {Form}", step.Place);
            return null;
        }
        if (ReadDependencies(step, location) is not { } dependencies)
        {
            return null;
        }
        var call = calls[0];
        var task = calls.Count == 1 ? NameModel.Of(call.Key) : null;
        var limit = ReadTimeout(timeout?.Value, location);
        var model = call.Value is MappingNode kwargs
            ? new StepModel(name, task, step.Place, [], Keywords(kwargs), dependencies, limit)
            : new(name, task, step.Place, Positional(call.Value), [], dependencies, limit, call.Value is SequenceNode);
        return task is null ? model with { Meant = Meant(calls) } : model;
    }

    private static string? Meant(List<MappingEntry> calls) =>
        calls
            .Select(call => NearNames.Meant(NameModel.Of(call.Key).Text, ["dependencies", "timeout"]))
            .FirstOrDefault(meant => meant is not null);

    private double? ReadTimeout(Node? node, string location)
    {
        if (node is null)
        {
            return null;
        }

        if (node is ScalarNode scalar && StepTimeout.TryRead(scalar.Value, out var seconds))
        {
            return seconds;
        }

        const string Hint = "Write seconds, such as 90, or a number with s, m, h or d, such as 15m.";
        Report($"{location} timeout", $"{Shown(node)} is no length of time", node.Place, Hint);
        return null;
    }

    private List<NameModel>? ReadDependencies(MappingNode step, string location)
    {
        switch (step["dependencies"])
        {
            case null:
                return [];
            case ScalarNode { Text: not null } single:
                return [NameModel.Of(single)];
            case SequenceNode sequence when sequence.Items.All(item => item is ScalarNode { Text: not null }):
                return [.. sequence.Items.Cast<ScalarNode>().Select(NameModel.Of)];
            case var other:
                Report($"{location} dependencies", $"{Shown(other)} is not a step name or a list of them", other.Place);
                return null;
        }
    }

    private static IReadOnlyList<Node> Positional(Node? args) =>
        args switch
        {
            null => [],
            SequenceNode sequence => sequence.Items,
            _ => [args],
        };

    private static IReadOnlyList<KeywordModel> Keywords(MappingNode? kwargs) =>
        [.. (kwargs?.Entries ?? []).Select(entry => new KeywordModel(NameModel.Of(entry.Key), entry.Value))];
}
