using Alidade.Engine.Issues;
using Alidade.Engine.Types;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Graphs;

/// <summary>A document that is built as it should be, part by part, each with the place it was written at.</summary>
internal sealed record EntrypointModel(
    IReadOnlyList<TypeDefinition> Types,
    IReadOnlyList<ParameterModel> Parameters,
    IReadOnlyList<TaskModel> Tasks,
    IReadOnlyList<StepModel> Steps,
    IReadOnlyList<ArtifactOutputModel> ArtifactOutputs,
    IReadOnlyList<ArtifactInputModel> ArtifactInputs
);

/// <summary>A name, or whatever else was written where one belongs.</summary>
internal sealed record NameModel(Value Written, Place Place)
{
    public string Text { get; } = (Written as StringValue)?.Text ?? ValueJson.ToText(Written);

    public bool IsText => Written is StringValue;

    public static NameModel Of(ScalarNode key) => new(key.Value, key.Place);
}

/// <param name="Default">Null when there is none, or none is known yet.</param>
/// <param name="IsOpen">The type is known only with the value, so nothing is said about it before.</param>
internal sealed record ParameterModel(NameModel Name, Node? Default, string? Type, bool IsOpen = false);

/// <param name="Plugin">Module and function, with dots.</param>
internal sealed record TaskModel(
    NameModel Name,
    string Plugin,
    Place PluginPlace,
    IReadOnlyList<InputModel> Inputs,
    IReadOnlyList<OutputModel> Outputs
)
{
    private static readonly Place Nowhere = new(Documents.Plugins);

    /// <summary>
    /// The task <c>command</c>, which every entrypoint has whose plugins have none of that name: runs a program, its
    /// arguments by position and its environment variables by name.
    /// </summary>
    public static readonly TaskModel Command = new(
        new NameModel(new StringValue("command"), Nowhere),
        "alidade._host.command.run",
        Nowhere,
        [],
        []
    );

    /// <summary>The function of <see cref="Command"/> for a list of one, which alone would be a line for the shell.</summary>
    public const string Program = "program";
}

internal sealed record InputModel(NameModel Name, string Type, bool Required);

internal sealed record OutputModel(NameModel Name, string Type);

/// <param name="Task">Null when a step names two tasks, or none.</param>
/// <param name="Timeout">Seconds after which the step, and with it the job, has failed.</param>
/// <param name="Meant">What a second key that looks like a second task was probably meant to be.</param>
/// <param name="IsList">Arguments by position are written as a list, and not as one value alone.</param>
internal sealed record StepModel(
    NameModel Name,
    NameModel? Task,
    Place Place,
    IReadOnlyList<Node> Args,
    IReadOnlyList<KeywordModel> Kwargs,
    IReadOnlyList<NameModel> Dependencies,
    double? Timeout,
    bool IsList = true,
    string? Meant = null
)
{
    /// <summary>Everything handed to the task, in the order written.</summary>
    public IEnumerable<Node> Arguments => Args.Concat(Kwargs.Select(keyword => keyword.Value));
}

internal sealed record KeywordModel(NameModel Name, Node Value);

internal sealed record ArtifactOutputModel(NameModel Name, Node Contents, NameModel Task, MappingNode? Args);

internal sealed record ArtifactInputModel(NameModel Name, IReadOnlyList<OutputModel> Outputs);
