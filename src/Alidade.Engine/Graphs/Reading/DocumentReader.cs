using Alidade.Engine.Issues;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Graphs.Reading;

/// <summary>
/// Reads a whole document, <c>types, parameters, tasks, graph, artifact_outputs, artifact_inputs</c>, and reports
/// everything that is not built as it should be.
/// </summary>
internal sealed class DocumentReader : SectionReader
{
    public const string Types = "types";
    public const string Parameters = "parameters";
    public const string Tasks = "tasks";
    public const string Graph = "graph";
    public const string ArtifactOutputs = "artifact_outputs";
    public const string ArtifactInputs = "artifact_inputs";

    private const string Root = "root level of the document";
    private readonly List<Issue> _issues;

    private DocumentReader(List<Issue> issues)
        : base(issues) => _issues = issues;

    public static (EntrypointModel Model, IReadOnlyList<Issue> Issues) Read(Node document)
    {
        var issues = new List<Issue>();
        return (new DocumentReader(issues).ReadRoot(document), issues);
    }

    private EntrypointModel ReadRoot(Node document)
    {
        if (document is not MappingNode root)
        {
            Report(Root, $"{Shown(document)} is not a mapping of sections", document.Place);
            return new([], [], [], [], [], []);
        }
        HasOnly(root, Root, Types, Parameters, Tasks, Graph, ArtifactOutputs, ArtifactInputs);
        var types = Section(root, Types, new TypesReader(_issues).Read);
        var parameters = Section(root, Parameters, new ParametersReader(_issues).Read);
        // What is wrong with the steps is told after what is wrong with the tasks, of which they say whether any is needed.
        var inSteps = new List<Issue>();
        var steps = Section(root, Graph, new StepsReader(inSteps).Read);
        var reader = new TasksReader(_issues);
        var tasks = Section(root, Tasks, node => reader.Read(node, AreCommands(steps)), isRequired: true);
        Section(root, Graph, _ => steps, isRequired: true);
        _issues.AddRange(inSteps);
        return new(
            types,
            parameters,
            tasks,
            steps,
            Section(root, ArtifactOutputs, new ArtifactOutputsReader(_issues).Read),
            Section(root, ArtifactInputs, reader.ReadArtifactInputs)
        );
    }

    /// <summary>Commands are steps that need no plugin.</summary>
    private static bool AreCommands(IReadOnlyList<StepModel> steps) =>
        steps.Count > 0 && steps.All(step => step.Task?.Text == TaskModel.Command.Name.Text);

    private IReadOnlyList<T> Section<T>(
        MappingNode root,
        string name,
        Func<Node, IReadOnlyList<T>> read,
        bool isRequired = false
    )
    {
        if (root[name] is { } section)
        {
            return read(section);
        }
        if (isRequired)
        {
            Report(Root, $"the section \"{name}\" is missing", root.Place);
        }
        return [];
    }
}
