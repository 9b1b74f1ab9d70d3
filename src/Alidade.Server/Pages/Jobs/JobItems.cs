using Alidade.Server.Jobs;
using Alidade.Server.Metrics;
using Alidade.Server.Pages.Web;

namespace Alidade.Server.Pages.Jobs;

/// <summary>Jobs from the features' views.</summary>
internal static class JobItems
{
    public static JobItem Of(JobView job, IReadOnlyList<MetricView>? metrics = null) =>
        new(
            job.Id,
            job.State,
            job.Description,
            new Named(job.Experiment.Id, job.Experiment.Name),
            new Named(job.Entrypoint.Id, job.Entrypoint.Name),
            job.Queue.Name,
            job.User.Username,
            WireTime.Read(job.CreatedOn),
            WireTime.ReadOptional(job.StartedOn),
            WireTime.ReadOptional(job.EndedOn)
        )
        {
            Parameters = [.. job.Values.Select(value => KeyValuePair.Create(value.Key, value.Value ?? ""))],
            Metrics = metrics?.ToDictionary(metric => metric.Name, metric => metric.Value) ?? [],
            Note = FirstLine(job.Message) ?? job.WaitingReason,
        };

    private static string? FirstLine(string? text) => text?.Split('\n', 2)[0];
}
