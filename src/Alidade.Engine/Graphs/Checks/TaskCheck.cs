using Alidade.Engine.Issues;

namespace Alidade.Engine.Graphs.Checks;

/// <summary>Tasks tell their inputs and outputs apart, use types there are, and name module and function.</summary>
internal sealed class TaskCheck(ModelIndex index, List<Issue> issues) : Check(index, issues)
{
    public override void Run()
    {
        foreach (var task in Model.Tasks)
        {
            CheckRepeated(task, "input", task.Inputs.Select(input => input.Name));
            CheckRepeated(task, "output", task.Outputs.Select(output => output.Name));
            foreach (var input in task.Inputs)
            {
                CheckType($"In task \"{task.Name.Text}\": input", input.Name, input.Type);
            }
            foreach (var output in task.Outputs)
            {
                CheckType($"In task \"{task.Name.Text}\": output", output.Name, output.Type);
            }
            CheckPlugin(task);
        }
        foreach (var input in Model.ArtifactInputs)
        {
            foreach (var output in input.Outputs)
            {
                CheckType($"In artifact input \"{input.Name.Text}\": output", output.Name, output.Type);
            }
        }
    }

    private void CheckRepeated(TaskModel task, string kind, IEnumerable<NameModel> names)
    {
        foreach (var name in Repeated(names))
        {
            Error($"In task \"{task.Name.Text}\": the {kind} name \"{name.Text}\" is repeated", name.Place);
        }
    }

    private void CheckType(string what, NameModel name, string type)
    {
        if (!Index.Types.IsDefined(type))
        {
            Error(
                $"{what} \"{name.Text}\" has undefined type: {type}",
                name.Place,
                Index.Near.Hint(type, Index.Types.Names)
            );
        }
    }

    private void CheckPlugin(TaskModel task)
    {
        var parts = task.Plugin.Split('.');
        if (parts.Length < 2 || parts.Any(string.IsNullOrWhiteSpace))
        {
            var reason = parts.Length < 2 ? "has no dot between module and function" : "has an empty part";
            Error($"In task \"{task.Name.Text}\": the plugin \"{task.Plugin}\" {reason}", task.PluginPlace);
        }
    }
}
