using Alidade.Engine.Graphs;
using Alidade.Engine.Plans;
using Alidade.Engine.Values;
using Alidade.Server.Platform.Errors;

namespace Alidade.Server.Jobs;

/// <summary>The texts a job is given for its parameters, checked.</summary>
/// <param name="Given">Those that are there, defaults left out.</param>
/// <param name="All">Every parameter in the entrypoint's order, defaults filled in.</param>
internal sealed record JobValueChecks(
    IReadOnlyDictionary<string, string> Given,
    IReadOnlyDictionary<string, string?> All
)
{
    public static JobValueChecks Values(EntrypointDefinition entrypoint, IReadOnlyDictionary<string, string?>? input)
    {
        var given = (input ?? new Dictionary<string, string?>())
            .Where(v => v.Value is not null)
            .ToDictionary(v => v.Key, v => v.Value!, StringComparer.Ordinal);
        RefuseUnknown(entrypoint, input);
        RefuseMissing(entrypoint, given);
        RefuseMistyped(entrypoint, given);
        var all = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var parameter in entrypoint.Parameters)
        {
            all[parameter.Name] = given.GetValueOrDefault(parameter.Name) ?? parameter.Default;
        }

        return new JobValueChecks(given, all);
    }

    private static void RefuseUnknown(EntrypointDefinition entrypoint, IReadOnlyDictionary<string, string?>? input)
    {
        var unknown = (input?.Keys ?? []).Except(entrypoint.Parameters.Select(p => p.Name)).ToList();
        if (unknown.Count > 0)
        {
            throw new RefusedException(
                "JobInvalidParameterNameError",
                $"The entrypoint has no parameters {Listed(unknown)}. It has {Listed(entrypoint.Parameters.Select(p => p.Name))}."
            );
        }
    }

    private static void RefuseMissing(EntrypointDefinition entrypoint, Dictionary<string, string> given)
    {
        var missing = entrypoint
            .Parameters.Where(p => p.Default is null && !given.ContainsKey(p.Name))
            .Select(p => p.Name)
            .ToList();
        if (missing.Count > 0)
        {
            throw new RefusedException(
                "JobParameterMissingError",
                $"The parameters {Listed(missing)} have no default. Give each a value."
            );
        }
    }

    private static void RefuseMistyped(EntrypointDefinition entrypoint, Dictionary<string, string> given)
    {
        var wrong = new List<string>();
        foreach (var parameter in entrypoint.Parameters)
        {
            if (
                given.TryGetValue(parameter.Name, out var text)
                && !ParameterText.TryParse(parameter.Type, text, out _, out var reason)
            )
            {
                wrong.Add(new ParameterTextException(parameter.Name, parameter.Type, text, reason).Message);
            }
        }

        if (wrong.Count > 0)
        {
            throw new RefusedException("EntrypointParameterTypeMismatchError", string.Join(' ', wrong));
        }
    }

    /// <summary>A job of an entrypoint that is wrong itself is taken, and ends with the reason; this one would be too.</summary>
    public static void RefuseUnfit(PlanResult plan)
    {
        if (plan.WrongValues.Count > 0)
        {
            throw new RefusedException(
                "EntrypointParameterTypeMismatchError",
                string.Join(' ', plan.WrongValues.Select(w => $"The value of '{w.Parameter}' does not fit. {w.Issue}."))
            );
        }
    }

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));
}
