using System.Text.Json;
using Alidade.Server.Pages.Parts;

namespace Alidade.Server.Pages.Jobs;

/// <summary>Steps as the island that draws them reads them.</summary>
internal static class StepsJson
{
    public static string Write(IEnumerable<StepItem> steps) =>
        JsonSerializer.Serialize(
            steps.Select(step => new
            {
                step.Name,
                step.Task,
                step.State,
                Started = step.Started is { } started ? Say.Microseconds(started) : (long?)null,
                Ended = step.Ended is { } ended ? Say.Microseconds(ended) : (long?)null,
                step.After,
                step.Error,
            }),
            JsonSerializerOptions.Web
        );
}
