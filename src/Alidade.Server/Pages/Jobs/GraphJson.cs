using System.Text.Json;

namespace Alidade.Server.Pages.Jobs;

/// <summary>Steps that have not run: the graph of an entrypoint.</summary>
internal static class GraphJson
{
    public static string Write(IEnumerable<StepItem> steps) =>
        JsonSerializer.Serialize(
            steps.Select(step => new
            {
                step.Name,
                step.Task,
                step.After,
            }),
            JsonSerializerOptions.Web
        );
}
