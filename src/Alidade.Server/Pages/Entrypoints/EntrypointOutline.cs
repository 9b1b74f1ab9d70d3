using Alidade.Engine.Graphs;
using Alidade.Server.Entrypoints;
using Alidade.Server.Pages.Jobs;
using TypeWords = Alidade.Engine.Values.ParameterTypes;

namespace Alidade.Server.Pages.Entrypoints;

/// <summary>The steps of an entrypoint as far as its text can be read, for a drawing.</summary>
internal static class EntrypointOutline
{
    public static IReadOnlyList<StepItem> Of(EntrypointView entrypoint)
    {
        var definition = new EntrypointDefinition(
            entrypoint.TaskGraph,
            entrypoint.ArtifactGraph,
            [.. entrypoint.Parameters.Select(Parameter)],
            [],
            [.. entrypoint.Plugins.SelectMany(Tasks)],
            [],
            []
        );
        return
        [
            .. EntrypointValidator
                .Outline(definition)
                .Select(step => new StepItem(step.Name, step.Task, "waiting", null, null, step.After)),
        ];
    }

    private static Engine.Graphs.EntrypointParameter Parameter(ParameterView parameter)
    {
        TypeWords.TryParse(parameter.ParameterType, out var type);
        return new Engine.Graphs.EntrypointParameter(parameter.Name, type, parameter.DefaultValue);
    }

    private static IEnumerable<TaskSignature> Tasks(EntrypointPlugin plugin) =>
        plugin.Files.SelectMany(file =>
            file.Tasks.Functions.Select(task => new TaskSignature(plugin.Name, file.Filename, task.Name, [], []))
        );
}
