using Alidade.Engine.Issues;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Graphs.Checks;

/// <summary>Each step calls a task there is, with the arguments it takes.</summary>
internal sealed class InvocationCheck(ModelIndex index, List<Issue> issues) : Check(index, issues)
{
    public override void Run()
    {
        foreach (var step in Model.Steps)
        {
            if (step.Task is null)
            {
                var hint = step.Meant is { } meant
                    ? $"Did you mean \"{meant}\"?"
                    : "A step calls one task; beside it only \"dependencies\" and \"timeout\" may stand.";
                Error($"In step \"{step.Name.Text}\": more than one task is named", step.Place, hint);
            }
            else if (Index.TaskOf(step) is not { } task)
            {
                // The wording is part of the interface that this check shares with other servers.
                var message = $"In step \"{step.Name.Text}\": unrecognized task plugin: {step.Task.Text}";
                Error(message, step.Task.Place, Index.Near.Hint(step.Task.Text, Index.TaskNames));
            }
            else if (task == TaskModel.Command)
            {
                CheckCommand(step, task);
            }
            else
            {
                CheckPositional(step, task);
                CheckKeywords(step, task);
                CheckRequired(step, task);
            }
        }
    }

    private void CheckCommand(StepModel step, TaskModel task)
    {
        // Nothing and a blank text would be a line for the shell that runs nothing, and the step green.
        if (step.Args is not [var first, ..] || IsBlank(first))
        {
            const string Hint = "Write command: [program, argument, ...], or a line for the shell as one text.";
            Illegal(step, task, "no program is named", step.Task!.Place, Hint);
        }
    }

    private static bool IsBlank(Node node) =>
        node is ScalarNode scalar && (scalar.Value is NullValue || scalar.Text?.Trim() is "");

    private void CheckPositional(StepModel step, TaskModel task)
    {
        if (step.Args.Count <= task.Inputs.Count)
        {
            return;
        }
        var hint =
            task.Inputs.Count == 0
                ? $"It takes none: write {task.Name.Text}: []."
                : $"It takes: {string.Join(", ", task.Inputs.Select(input => input.Name.Text))}.";
        Illegal(
            step,
            task,
            $"it takes {task.Inputs.Count} at most and is given {step.Args.Count} by position",
            step.Args[task.Inputs.Count].Place,
            hint
        );
    }

    private void CheckKeywords(StepModel step, TaskModel task)
    {
        var names = task.Inputs.Select(input => input.Name.Text).ToList();
        foreach (var keyword in step.Kwargs)
        {
            var place = names.IndexOf(keyword.Name.Text);
            if (place < 0)
            {
                var hint = Index.Near.Hint(keyword.Name.Text, names);
                Illegal(step, task, $"it has no input \"{keyword.Name.Text}\"", keyword.Name.Place, hint);
            }
            else if (place < step.Args.Count)
            {
                var reason =
                    $"its input \"{keyword.Name.Text}\" is given by name and as number {place + 1} by position";
                Illegal(step, task, reason, keyword.Name.Place);
            }
        }
    }

    private void CheckRequired(StepModel step, TaskModel task)
    {
        var given = step.Kwargs.Select(keyword => keyword.Name.Text).ToHashSet();
        var missing = task
            .Inputs.Skip(step.Args.Count)
            .Where(input => input.Required && !given.Contains(input.Name.Text))
            .Select(input => input.Name.Text);
        foreach (var name in missing.Distinct())
        {
            Illegal(step, task, $"its input \"{name}\" is not given", step.Task!.Place);
        }
    }

    private void Illegal(StepModel step, TaskModel task, string reason, Place place, string? hint = null) =>
        Error($"In step \"{step.Name.Text}\": task \"{task.Name.Text}\" cannot be called so: {reason}", place, hint);
}
