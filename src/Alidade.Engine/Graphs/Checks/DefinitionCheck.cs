using Alidade.Engine.Issues;

namespace Alidade.Engine.Graphs.Checks;

/// <summary>What only the definition knows: which plugin a task comes from, and the artifact tasks there are.</summary>
internal static class DefinitionCheck
{
    public static IEnumerable<Issue> Run(EntrypointDefinition definition, ModelIndex index) =>
        RepeatedParameters(definition)
            .Concat(RepeatedTasks(definition))
            .Concat(UnknownArtifactTasks(definition, index))
            .Concat(ArtifactContentsCheck.Run(definition, index));

    private static IEnumerable<Issue> RepeatedParameters(EntrypointDefinition definition) =>
        definition
            .Parameters.Select(parameter => parameter.Name)
            .Concat(definition.ArtifactParameters.Select(artifact => artifact.Name))
            .GroupBy(name => name)
            .Where(group => group.Count() > 1)
            .Select(group =>
                Issue.Error(
                    IssueType.Semantic,
                    $"The parameter name \"{group.Key}\" is given twice",
                    new Place(Documents.Parameters)
                )
            );

    private static IEnumerable<Issue> RepeatedTasks(EntrypointDefinition definition) =>
        definition
            .Tasks.GroupBy(task => task.Name)
            .Where(group => group.Count() > 1)
            .Select(group =>
            {
                var modules = group.Select(task => ModulePath.Of(task.Plugin, task.File)).ToList();
                var message =
                    $"The task \"{group.Key}\" stands in {string.Join(", ", modules)}; that of {modules[^1]} counts";
                return Issue.Warning(IssueType.Semantic, message, new Place(Documents.Plugins));
            });

    private static IEnumerable<Issue> UnknownArtifactTasks(EntrypointDefinition definition, ModelIndex index)
    {
        var known = definition.ArtifactTasks.Select(task => task.Name).ToHashSet();
        return index
            .Model.ArtifactOutputs.Where(output => !known.Contains(output.Task.Text))
            .Select(output =>
                Issue.Error(
                    IssueType.Semantic,
                    $"In artifact output \"{output.Name.Text}\": there is no artifact task \"{output.Task.Text}\"",
                    output.Task.Place,
                    index.Near.Hint(output.Task.Text, known)
                )
            );
    }
}
