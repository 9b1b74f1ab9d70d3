using Alidade.Engine.Types;
using Alidade.Engine.Values;

namespace Alidade.Engine.Graphs;

/// <summary>What a reference turned out to mean.</summary>
/// <param name="Target">Null when there is a problem, or the step it names has no known task.</param>
/// <param name="Problem">What is wrong with it, when something is.</param>
internal sealed record Resolution(Reference? Target, EngineType Type, string? Problem = null, string? Hint = null)
{
    public static Resolution Wrong(string problem, string? hint) => new(null, UnknownType.Instance, problem, hint);

    public static Resolution Unknown { get; } = new(null, UnknownType.Instance);
}

/// <summary>Looks references up: parameters, then steps, then artifact inputs; with an output, never parameters.</summary>
internal sealed class ReferenceResolver(ModelIndex index)
{
    private readonly Dictionary<string, Resolution> _resolutions = [];
    private readonly Dictionary<string, EngineType> _parameterTypes = [];

    public Resolution Resolve(ReferenceText reference)
    {
        if (!_resolutions.TryGetValue(reference.Written, out var resolution))
        {
            _resolutions[reference.Written] = resolution = Find(reference);
        }
        return resolution;
    }

    private Resolution Find(ReferenceText reference)
    {
        var isParameter = index.TryParameter(reference.Name, out var parameter);
        if (isParameter && reference.Output is null)
        {
            return new(new ParameterReference(reference.Name), TypeOf(parameter!));
        }
        if (index.TryStep(reference.Name, out var step))
        {
            return index.TaskOf(step) is { } task
                ? Output(reference, "step", task.Outputs, output => new StepReference(reference.Name, output))
                : Resolution.Unknown;
        }
        if (index.TryArtifactInput(reference.Name, out var input))
        {
            return Output(
                reference,
                "artifact",
                input.Outputs,
                output => new ArtifactReference(reference.Name, output)
            );
        }
        return isParameter
            ? Resolution.Wrong(
                $"\"{reference.Name}\" is a parameter, and parameters have no outputs",
                $"Write ${reference.Name}."
            )
            : Resolution.Wrong(
                "there is no parameter, step or artifact of this name",
                index.Near.Hint(reference.Name, index.Referable)
            );
    }

    /// <summary>The declared type, else that of the default value.</summary>
    public EngineType TypeOf(ParameterModel parameter)
    {
        if (!_parameterTypes.TryGetValue(parameter.Name.Text, out var type))
        {
            type = parameter switch
            {
                { Type: { } name } => index.Types[name],
                { Default: { } value } => TypeInference.OfValue(value),
                _ => UnknownType.Instance,
            };
            _parameterTypes[parameter.Name.Text] = type;
        }
        return type;
    }

    private Resolution Output(
        ReferenceText reference,
        string kind,
        IReadOnlyList<OutputModel> outputs,
        Func<string?, Reference> target
    )
    {
        var names = outputs.Select(output => output.Name.Text).ToList();
        if (names.Count == 0)
        {
            return Resolution.Wrong($"the {kind} \"{reference.Name}\" gives no output", null);
        }
        if (reference.Output is null && names.Count > 1)
        {
            var choices = names.Select(name => $"${reference.Name}.{name}");
            return Resolution.Wrong(
                $"the {kind} \"{reference.Name}\" gives more than one output, so one must be named",
                $"Write one of {string.Join(", ", choices)}."
            );
        }
        var place = reference.Output is null ? 0 : names.LastIndexOf(reference.Output);
        return place < 0
            ? Resolution.Wrong(
                $"the {kind} \"{reference.Name}\" has no output \"{reference.Output}\"",
                index.Near.Hint(reference.Output!, names)
            )
            : new(target(names.Count == 1 ? null : names[place]), index.Types[outputs[place].Type]);
    }
}
