using Alidade.Engine.Graphs;
using Alidade.Engine.Issues;
using Alidade.Engine.Values;

namespace Alidade.Engine.Plans;

/// <summary>
/// Which given values an entrypoint cannot run with that is itself right. Lists and mappings have the type of their
/// value, so that a task may be unable to take one is known only with it.
/// </summary>
internal static class ValueCheck
{
    public static IReadOnlyList<WrongValue> Run(
        PlanRequest request,
        IReadOnlyList<KeyValuePair<string, Value>> values
    ) =>
        EntrypointValidator.Validate(request.Definition).HasErrors()
            ? []
            :
            [
                .. values
                    .Where(value => request.Values.ContainsKey(value.Key))
                    .SelectMany(value =>
                        EntrypointValidator
                            .Analyze(request.Definition, new Dictionary<string, Value> { [value.Key] = value.Value })
                            .Issues.Where(issue => issue.Severity == IssueSeverity.Error)
                            .Select(issue => new WrongValue(value.Key, issue))
                    ),
            ];
}
