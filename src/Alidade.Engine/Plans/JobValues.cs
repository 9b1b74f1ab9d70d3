using Alidade.Engine.Graphs;
using Alidade.Engine.Issues;
using Alidade.Engine.Values;

namespace Alidade.Engine.Plans;

/// <summary>Reads the texts given for a job's parameters; defaults stand in for those that are missing.</summary>
internal static class JobValues
{
    public static IReadOnlyList<KeyValuePair<string, Value>> Read(PlanRequest request, List<Issue> issues)
    {
        var place = new Place(Documents.Values);
        var parameters = request.Definition.Parameters;
        var near = new NearNames();
        var names = parameters.Select(parameter => parameter.Name).ToHashSet();
        foreach (var name in request.Values.Keys.Where(name => !names.Contains(name)).Order(StringComparer.Ordinal))
        {
            var message = $"A value is given for \"{name}\", which is no parameter of this entrypoint";
            issues.Add(Issue.Error(IssueType.Semantic, message, place, near.Hint(name, names)));
        }
        var values = new List<KeyValuePair<string, Value>>(parameters.Count);
        foreach (var parameter in parameters.DistinctBy(parameter => parameter.Name))
        {
            if (Read(request, parameter, place, issues) is { } value)
            {
                values.Add(new(parameter.Name, value));
            }
        }
        return values;
    }

    private static Value? Read(PlanRequest request, EntrypointParameter parameter, Place place, List<Issue> issues)
    {
        var isGiven = request.Values.TryGetValue(parameter.Name, out var text);
        if (!isGiven && parameter.Default is null)
        {
            var message = $"Parameter \"{parameter.Name}\" has no default, so a value must be given";
            issues.Add(Issue.Error(IssueType.Semantic, message, place));
            return null;
        }
        if (ParameterText.TryParse(parameter.Type, text ?? parameter.Default!, out var value, out var reason))
        {
            return value;
        }
        if (isGiven) // A default that cannot be read is an issue of the entrypoint, reported there.
        {
            var error = new ParameterTextException(parameter.Name, parameter.Type, text!, reason);
            issues.Add(Issue.Error(IssueType.Type, error.Message, place));
        }
        return null;
    }
}
