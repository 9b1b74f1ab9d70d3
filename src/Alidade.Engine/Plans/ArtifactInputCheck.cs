using Alidade.Engine.Graphs;
using Alidade.Engine.Issues;

namespace Alidade.Engine.Plans;

/// <summary>Each artifact parameter is given an artifact whose task loads what the parameter declares.</summary>
internal static class ArtifactInputCheck
{
    public static void Run(PlanRequest request, List<Issue> issues)
    {
        var place = new Place(Documents.ArtifactValues);
        var parameters = request.Definition.ArtifactParameters;
        var near = new NearNames();
        var names = parameters.Select(parameter => parameter.Name).ToHashSet();
        foreach (var name in request.Artifacts.Keys.Where(name => !names.Contains(name)).Order(StringComparer.Ordinal))
        {
            var message = $"An artifact is given for \"{name}\", which is no artifact parameter of this entrypoint";
            issues.Add(Issue.Error(IssueType.Semantic, message, place, near.Hint(name, names)));
        }
        foreach (var parameter in parameters)
        {
            if (!request.Artifacts.TryGetValue(parameter.Name, out var input))
            {
                var message = $"Artifact parameter \"{parameter.Name}\" is given no artifact";
                issues.Add(Issue.Error(IssueType.Semantic, message, place));
                continue;
            }
            var declared = parameter.Outputs.Select(output => output.Type).ToList();
            var loaded = input.Task.Outputs.Select(output => output.Type).ToList();
            if (!declared.SequenceEqual(loaded))
            {
                var message =
                    $"Artifact parameter \"{parameter.Name}\" takes {Shown(declared)}, "
                    + $"but the artifact's task \"{input.Task.Name}\" gives {Shown(loaded)}";
                issues.Add(Issue.Error(IssueType.Type, message, place));
            }
        }
    }

    private static string Shown(List<string> types) => $"[{string.Join(", ", types)}]";
}
