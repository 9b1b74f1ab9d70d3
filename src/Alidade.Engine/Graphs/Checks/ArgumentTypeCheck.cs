using Alidade.Engine.Issues;
using Alidade.Engine.Types;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Graphs.Checks;

/// <summary>Every argument has a type its input takes.</summary>
internal sealed class ArgumentTypeCheck(ModelIndex index, List<Issue> issues) : Check(index, issues)
{
    private readonly Compatibility _compatibility = new();

    public override void Run()
    {
        foreach (var step in Model.Steps)
        {
            if (Index.TaskOf(step) is not { } task)
            {
                continue;
            }
            foreach (var (argument, input) in step.Args.Zip(task.Inputs))
            {
                CheckArgument(step, argument, input);
            }
            foreach (var keyword in step.Kwargs)
            {
                if (task.Inputs.LastOrDefault(input => input.Name.Text == keyword.Name.Text) is { } input)
                {
                    CheckArgument(step, keyword.Value, input);
                }
            }
        }
    }

    private void CheckArgument(StepModel step, Node argument, InputModel input)
    {
        var given = TypeInference.OfArgument(argument, reference => Index.References.Resolve(reference).Type);
        var expected = Index.Types[input.Type];
        if (!_compatibility.Fits(given, expected))
        {
            TypeError(
                $"In step \"{step.Name.Text}\": input \"{input.Name.Text}\" is given {given} and takes {expected}",
                argument.Place,
                Misfit.Hint(given, expected, _compatibility)
            );
        }
    }
}
