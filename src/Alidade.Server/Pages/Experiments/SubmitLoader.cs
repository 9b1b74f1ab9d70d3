using System.Globalization;
using Alidade.Server.Entrypoints;
using Alidade.Server.Experiments;
using Alidade.Server.Jobs;
using Alidade.Server.Pages.Entrypoints;
using Alidade.Server.Pages.Jobs;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform.Security;
using Alidade.Server.Workers;

namespace Alidade.Server.Pages.Experiments;

/// <summary>Reads what the form offers: the entrypoint's parameters, fitting artifacts, the queues, and what stands in the way.</summary>
internal sealed class SubmitLoader(
    ExperimentService experiments,
    EntrypointService entrypoints,
    JobService jobs,
    SubmitArtifacts artifacts,
    WorkerList workers
)
{
    public async Task<SubmitModel> LoadAsync(Caller caller, long experiment, long? chosen, HttpContext context)
    {
        var cancellation = context.RequestAborted;
        var within = await experiments.GetAsync(caller, experiment, cancellation);
        IReadOnlyList<Named> choices = [.. within.Entrypoints.Select(one => new Named(one.Id, one.Name))];
        var pick = choices.FirstOrDefault(one => one.Id == chosen) ?? (choices.Count == 1 ? choices[0] : null);
        var model = new SubmitModel(new Named(within.Id, within.Name), choices, [])
        {
            Server = ServerAddress.Of(context),
        };
        if (pick is null)
        {
            return model;
        }

        var entrypoint = await entrypoints.GetAsync(caller, pick.Id, cancellation);
        var queues = await QueuesAsync(caller, entrypoint, cancellation);
        return model with
        {
            Entrypoint = pick,
            Queues = queues,
            Queue = (queues.FirstOrDefault(queue => queue.Workers > 0) ?? queues.FirstOrDefault())?.Id,
            Parameters =
            [
                .. entrypoint.Parameters.Select(p => new ParameterField(
                    p.Name,
                    p.ParameterType,
                    p.DefaultValue,
                    p.DefaultValue is null
                )),
            ],
            Artifacts = await artifacts.LoadAsync(caller, entrypoint, cancellation),
            Steps = EntrypointOutline.Of(entrypoint),
            Timeout = "24h",
            Obstacles = Obstacles(pick, queues, model.Server),
        };
    }

    /// <summary>With the values of an earlier job.</summary>
    public async Task<SubmitModel> RepeatAsync(
        Caller caller,
        SubmitModel model,
        long earlier,
        CancellationToken cancellation
    )
    {
        var job = await jobs.GetAsync(caller, earlier, cancellation);
        return model with
        {
            Parameters =
            [
                .. model.Parameters.Select(p => p with { Value = job.Values.GetValueOrDefault(p.Name) ?? p.Value }),
            ],
            Artifacts =
            [
                .. model.Artifacts.Select(a => job.ArtifactValues.TryGetValue(a.Name, out var pin) ? a.With(pin) : a),
            ],
            Queue = model.Queues.Any(queue => queue.Id == job.Queue.Id) ? job.Queue.Id : model.Queue,
            Description = job.Description,
            Timeout = job.Timeout,
            Seed = job.Seed.ToString(CultureInfo.InvariantCulture),
            Needs = SubmitNeeds.Of(job),
        };
    }

    private async Task<IReadOnlyList<QueueChoice>> QueuesAsync(
        Caller caller,
        EntrypointView entrypoint,
        CancellationToken cancellation
    )
    {
        var choices = new List<QueueChoice>();
        foreach (var queue in entrypoint.Queues)
        {
            choices.Add(
                new QueueChoice(
                    queue.Id,
                    queue.Name,
                    (await workers.OfQueueAsync(caller, queue.Id, cancellation)).Count
                )
            );
        }

        return choices;
    }

    private static IReadOnlyList<string> Obstacles(
        Named entrypoint,
        IReadOnlyList<QueueChoice> queues,
        string server
    ) =>
        queues.Count == 0
            ?
            [
                $"The entrypoint {entrypoint.Name} is registered to no queue. Add one: POST /api/v1/entrypoints/{entrypoint.Id}/queues.",
            ]
        : queues.All(queue => queue.Workers == 0)
            ?
            [
                $"No worker watches {string.Join(" or ", queues.Select(queue => queue.Name))}. "
                    + $"Start one with: alidade worker --server {server} --token TOKEN --queue {queues[0].Name}",
            ]
        : [];
}
