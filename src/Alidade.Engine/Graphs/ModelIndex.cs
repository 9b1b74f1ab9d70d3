using System.Diagnostics.CodeAnalysis;
using Alidade.Engine.Types;

namespace Alidade.Engine.Graphs;

/// <summary>A model with its names and types looked up. Of equal names the last counts, as in a Python dict.</summary>
internal sealed class ModelIndex
{
    private readonly Dictionary<string, ParameterModel> _parameters;
    private readonly Dictionary<string, TaskModel> _tasks;
    private readonly Dictionary<string, StepModel> _steps;
    private readonly Dictionary<string, ArtifactInputModel> _artifactInputs;

    public ModelIndex(EntrypointModel model)
    {
        Model = model;
        Types = new TypeTable(model.Types, Near);
        _parameters = ByName(model.Parameters, parameter => parameter.Name);
        _tasks = ByName(model.Tasks, task => task.Name);
        _steps = ByName(model.Steps, step => step.Name);
        _artifactInputs = ByName(model.ArtifactInputs, input => input.Name);
        References = new ReferenceResolver(this);
    }

    public EntrypointModel Model { get; }

    public NearNames Near { get; } = new();

    public TypeTable Types { get; }

    public ReferenceResolver References { get; }

    /// <summary>What a <c>$name</c> may name, in the order it is looked for.</summary>
    public IEnumerable<string> Referable => _parameters.Keys.Concat(_steps.Keys).Concat(_artifactInputs.Keys);

    public IEnumerable<string> TaskNames => _tasks.Keys.Union([TaskModel.Command.Name.Text]);

    public IEnumerable<string> StepNames => _steps.Keys;

    public bool TryParameter(string name, [NotNullWhen(true)] out ParameterModel? parameter) =>
        _parameters.TryGetValue(name, out parameter);

    public bool TryStep(string name, [NotNullWhen(true)] out StepModel? step) => _steps.TryGetValue(name, out step);

    public bool TryArtifactInput(string name, [NotNullWhen(true)] out ArtifactInputModel? input) =>
        _artifactInputs.TryGetValue(name, out input);

    /// <summary>The task a step calls; null when there is none of that name.</summary>
    public TaskModel? TaskOf(StepModel step) =>
        step.Task is not { Text: var name } ? null
        : _tasks.TryGetValue(name, out var task) ? task
        : name == TaskModel.Command.Name.Text ? TaskModel.Command
        : null;

    /// <summary>The steps a step needs, in the order it mentions them.</summary>
    public IEnumerable<string> Needs(StepModel step) =>
        step
            .Arguments.SelectMany(ReferenceText.In)
            .Select(found => found.Reference)
            .Where(reference => reference.Output is not null || !_parameters.ContainsKey(reference.Name))
            .Select(reference => reference.Name)
            .Concat(step.Dependencies.Select(dependency => dependency.Text))
            .Where(_steps.ContainsKey)
            .Distinct();

    /// <summary>The steps, ready to be put in order.</summary>
    public StableSorter Sorter()
    {
        var sorter = new StableSorter();
        foreach (var step in Model.Steps)
        {
            sorter.Add(step.Name.Text, Needs(step));
        }
        return sorter;
    }

    private static Dictionary<string, T> ByName<T>(IEnumerable<T> parts, Func<T, NameModel> name)
    {
        var named = new Dictionary<string, T>();
        foreach (var part in parts)
        {
            named[name(part).Text] = part;
        }
        return named;
    }
}
