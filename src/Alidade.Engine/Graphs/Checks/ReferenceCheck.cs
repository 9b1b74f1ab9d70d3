using Alidade.Engine.Issues;

namespace Alidade.Engine.Graphs.Checks;

/// <summary>References and dependencies lead somewhere, and no step waits for itself.</summary>
internal sealed class ReferenceCheck(ModelIndex index, List<Issue> issues) : Check(index, issues)
{
    public override void Run()
    {
        foreach (var step in Model.Steps)
        {
            foreach (var argument in step.Arguments)
            {
                CheckReferences($"step \"{step.Name.Text}\"", argument);
            }
            foreach (var dependency in step.Dependencies.Where(name => !Index.TryStep(name.Text, out _)))
            {
                var message = $"In step \"{step.Name.Text}\": the dependency \"{dependency.Text}\" is no step";
                Error(message, dependency.Place, Index.Near.Hint(dependency.Text, Index.StepNames));
            }
        }
        foreach (var output in Model.ArtifactOutputs)
        {
            CheckReferences($"artifact output \"{output.Name.Text}\"", output.Contents);
        }
        CheckCycle();
    }

    private void CheckReferences(string location, Yaml.Node node)
    {
        foreach (var (reference, at) in ReferenceText.In(node))
        {
            var resolution = Index.References.Resolve(reference);
            if (resolution.Problem is { } problem)
            {
                Error($"In {location}: reference \"${reference.Written}\": {problem}", at.Place, resolution.Hint);
            }
        }
    }

    private void CheckCycle()
    {
        if (Index.Sorter().FindCycle() is { } cycle && Index.TryStep(cycle[0], out var first))
        {
            var message =
                cycle.Count == 1
                    ? $"The step \"{cycle[0]}\" waits for itself"
                    : $"The steps wait for each other: {StableSorter.Show(cycle)}";
            Error(message, first.Name.Place, "Break the circle: one of them must not need the one before it.");
        }
    }
}
