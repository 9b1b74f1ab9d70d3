using Alidade.Engine.Issues;

namespace Alidade.Engine.Graphs.Checks;

/// <summary>Names are text, not blank, told apart, and without a dot where a dot means an output.</summary>
internal sealed class NameCheck(ModelIndex index, List<Issue> issues) : Check(index, issues)
{
    private const int LongestFileName = 1024;

    public override void Run()
    {
        var parameters = Model.Parameters.Select(parameter => parameter.Name).ToList();
        var steps = Model.Steps.Select(step => step.Name).ToList();
        var artifacts = Model.ArtifactInputs.Select(input => input.Name).ToList();
        CheckForm("Type names", Model.Types.Select(type => new NameModel(Values.Value.Of(type.Name), type.Place)));
        CheckForm("Global parameter names", parameters);
        CheckForm("Task short names", Model.Tasks.Select(task => task.Name));
        CheckForm("Graph step names", steps);
        CheckForm("Artifact names", artifacts.Concat(Model.ArtifactOutputs.Select(output => output.Name)));
        CheckFileNames(Model.ArtifactOutputs.Select(output => output.Name));
        CheckDots("Parameter", parameters);
        CheckDots("Step", steps);
        CheckDots("Artifact", artifacts);
        CheckCollisions(parameters, steps, artifacts);
    }

    private void CheckForm(string kind, IEnumerable<NameModel> names)
    {
        foreach (var name in names)
        {
            if (!name.IsText)
            {
                Error($"{kind} must be text: {name.Text}", name.Place, $"Write \"{name.Text}\" in quotes.");
            }
            else if (string.IsNullOrWhiteSpace(name.Text))
            {
                Error($"{kind} must not be blank: \"{name.Text}\"", name.Place);
            }
        }
    }

    /// <summary>What a job hands over is kept under its name. The task host has the same rule.</summary>
    private void CheckFileNames(IEnumerable<NameModel> names)
    {
        foreach (var name in names.Where(name => name.IsText && !CanBeFile(name.Text)))
        {
            var hint =
                $"A name has at most {LongestFileName} characters, no slashes, backslashes and control characters, "
                + "and is not \".\" or \"..\".";
            Error($"No artifact can be kept under the name \"{name.Text}\"", name.Place, hint);
        }
    }

    private static bool CanBeFile(string name) =>
        name.Length <= LongestFileName
        && name is not ("." or "..")
        && !name.Any(c => c is '/' or '\\' || char.IsControl(c));

    private void CheckDots(string kind, IEnumerable<NameModel> names)
    {
        foreach (var name in names.Where(name => name.Text.Contains('.', StringComparison.Ordinal)))
        {
            var hint = "In a reference, a dot stands between a step and its output.";
            Error($"{kind} name \"{name.Text}\" contains a dot", name.Place, hint);
        }
    }

    private void CheckCollisions(List<NameModel> parameters, List<NameModel> steps, List<NameModel> artifacts)
    {
        foreach (var step in Taken(steps, parameters))
        {
            Error($"The name \"{step.Text}\" is given to a parameter and to a step", step.Place);
        }
        foreach (var artifact in Taken(artifacts, [.. parameters, .. steps]))
        {
            var hint = $"${artifact.Text} means the other one; rename the artifact to use it.";
            Warn(
                $"The name \"{artifact.Text}\" of an artifact is also that of a parameter or step",
                artifact.Place,
                hint
            );
        }
    }

    private static IEnumerable<NameModel> Taken(IEnumerable<NameModel> names, IEnumerable<NameModel> others) =>
        names.IntersectBy(others.Select(other => other.Text), name => name.Text);
}
