using Alidade.Engine.Graphs.Checks;
using Alidade.Engine.Graphs.Reading;
using Alidade.Engine.Issues;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Graphs;

/// <summary>Finds everything wrong with an entrypoint, at once and with its place.</summary>
public static class EntrypointValidator
{
    /// <summary>Without an error the entrypoint can be run, given values for its parameters.</summary>
    public static IReadOnlyList<Issue> Validate(EntrypointDefinition definition) => Analyze(definition).Issues;

    /// <summary>The steps as far as they can be read, in the order written, for a drawing of the graph.</summary>
    public static IReadOnlyList<StepOutline> Outline(EntrypointDefinition definition) =>
        Analyze(definition).Index is { } index ? [.. index.Model.Steps.Select(step => Outline(index, step))] : [];

    /// <summary>Checks a document with all its sections, as <see cref="ConfigDocument"/> builds them.</summary>
    internal static IReadOnlyList<Issue> Validate(Node document)
    {
        var (model, issues) = DocumentReader.Read(document);
        return issues.HasErrors() ? issues : [.. issues, .. Check(new ModelIndex(model))];
    }

    /// <param name="values">Values given for parameters, which then count instead of their defaults.</param>
    internal static Analysis Analyze(EntrypointDefinition definition, IReadOnlyDictionary<string, Value>? values = null)
    {
        var (document, textIssues) = ConfigDocument.Build(definition with { Types = UsedTypes.Of(definition) });
        if (document is null)
        {
            return new(null, textIssues);
        }
        var (model, formIssues) = DocumentReader.Read(document);
        var index = new ModelIndex(model with { Parameters = [.. Parameters(definition, model, values ?? NoValues)] });
        List<Issue> issues = [.. textIssues, .. formIssues];
        if (!formIssues.HasErrors())
        {
            issues.AddRange(Check(index));
            issues.AddRange(DefinitionCheck.Run(definition, index));
        }
        return new(index, issues);
    }

    internal static StepOutline Outline(ModelIndex index, StepModel step) =>
        new(
            step.Name.Text,
            step.Task?.Text ?? "",
            [.. (index.TaskOf(step)?.Outputs ?? []).Select(output => output.Name.Text)],
            [.. index.Needs(step)]
        );

    private static IReadOnlyDictionary<string, Value> NoValues { get; } = new Dictionary<string, Value>();

    /// <summary>Lists and mappings have the type of their value, so without one they have none yet.</summary>
    private static IEnumerable<ParameterModel> Parameters(
        EntrypointDefinition definition,
        EntrypointModel model,
        IReadOnlyDictionary<string, Value> values
    )
    {
        var declared = definition.Parameters.ToLookup(parameter => parameter.Name);
        foreach (var parameter in model.Parameters)
        {
            var place = parameter.Name.Place;
            var isOpen = declared[parameter.Name.Text].Any();
            yield return values.TryGetValue(parameter.Name.Text, out var value)
                ? parameter with
                {
                    Default = Node.From(value, place),
                    IsOpen = isOpen,
                }
                : parameter with
                {
                    IsOpen = isOpen && parameter.Type is null,
                };
        }
    }

    private static List<Issue> Check(ModelIndex index)
    {
        var issues = new List<Issue>();
        Check[] checks =
        [
            new NameCheck(index, issues),
            new TaskCheck(index, issues),
            new InvocationCheck(index, issues),
            new ReferenceCheck(index, issues),
            new ParameterCheck(index, issues),
            new ArgumentTypeCheck(index, issues),
        ];
        foreach (var check in checks)
        {
            check.Run();
        }
        issues.AddRange(index.Types.Issues);
        return issues;
    }
}

/// <param name="Index">Null when a text in the definition cannot be read.</param>
internal sealed record Analysis(ModelIndex? Index, IReadOnlyList<Issue> Issues);
