using System.Globalization;
using Alidade.Engine.Jobs;
using Alidade.Engine.Protocol;
using Alidade.Server.Jobs;
using Alidade.Server.Jobs.Policies;
using Alidade.Server.Pages.Experiments;
using Alidade.Server.Pages.Parts;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Queues;
using Alidade.Server.Workers;

namespace Alidade.Server.Pages.Queues;

/// <summary>Queues and workers.</summary>
internal static class QueuePages
{
    private static readonly TimeSpan Silent = TimeSpan.FromSeconds(60);

    public static void MapQueuePages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/queues", ShowAsync);
        pages.MapGet("/queues/{id:long}", ShowOneAsync);
        pages.MapPost("/queues/{id:long}", SaveAsync);
        MapAction<QueuePauses>(
            pages,
            "/queues/{id:long}/pause",
            (queues, caller, id, c) => queues.PauseAsync(caller, id, c)
        );
        MapAction<QueuePauses>(
            pages,
            "/queues/{id:long}/resume",
            (queues, caller, id, c) => queues.ResumeAsync(caller, id, c)
        );
        MapAction<WorkerDrains>(
            pages,
            "/workers/{id:long}/drain",
            (workers, caller, id, c) => workers.DrainAsync(caller, id, c)
        );
        MapAction<WorkerDrains>(
            pages,
            "/workers/{id:long}/resume",
            (workers, caller, id, c) => workers.ResumeAsync(caller, id, c)
        );
    }

    /// <summary>A button of the page: does its work and shows the page anew.</summary>
    private static void MapAction<TService>(
        IEndpointRouteBuilder pages,
        string path,
        Func<TService, Caller, long, CancellationToken, Task> work
    )
        where TService : notnull =>
        pages.MapPost(
            path,
            async (long id, Caller caller, HttpContext context, TService service) =>
            {
                await work(service, caller, id, context.RequestAborted);
                return PageResults.SeeOther("/queues");
            }
        );

    private static async Task<IResult> ShowOneAsync(
        long id,
        Caller caller,
        HttpContext context,
        QueueService queues,
        PolicyService policies
    )
    {
        var stored = await StoredAsync(caller, id, queues, policies, context.RequestAborted);
        return PageResults.Page<QueuePage>(new { Queue = stored.Name, Form = stored });
    }

    private static async Task<IResult> SaveAsync(
        long id,
        Caller caller,
        HttpContext context,
        QueueService queues,
        PolicyService policies
    )
    {
        var cancellation = context.RequestAborted;
        var stored = await StoredAsync(caller, id, queues, policies, cancellation);
        var form = stored.With(await context.Request.ReadFormAsync(cancellation));
        JobPolicy? policy = null;
        QueueChange? queue = null;
        // Both are read before either is written, and all that is wrong is said at once.
        var errors = FormErrors.All(
            form.Worker.MemoryError is { } amount
                ? new Dictionary<string, string> { ["resources.memory"] = amount }
                : null,
            FormErrors.Try(() => queue = FormInput.Read<QueueChange>(form.QueueBody())),
            FormErrors.Try(() => policy = FormInput.Read<JobPolicy>(form.PolicyBody()).Checked())
        );
        errors ??= await FormErrors.TryAsync(async () =>
        {
            if (form.Name != stored.Name || form.Description != stored.Description)
            {
                await queues.ModifyAsync(caller, id, queue!, cancellation);
            }

            await policies.SetAsync(caller, ResourceKind.Queue, id, policy!, cancellation);
        });
        return errors is null
            ? PageResults.SeeOther("/queues")
            : PageResults.Page<QueuePage>(
                new { Queue = stored.Name, Form = form with { Errors = errors } },
                StatusCodes.Status422UnprocessableEntity
            );
    }

    private static async Task<QueueForm> StoredAsync(
        Caller caller,
        long id,
        QueueService queues,
        PolicyService policies,
        CancellationToken cancellation
    ) =>
        QueueForm.Of(
            await queues.GetAsync(caller, id, cancellation),
            await policies.GetAsync(caller, ResourceKind.Queue, id, cancellation)
        );

    private static async Task<IResult> ShowAsync(
        Caller caller,
        HttpContext context,
        QueueService queues,
        WorkerList workers,
        JobCounts counts,
        QueuePauses pauses,
        PolicyService policies,
        CapacityService capacity,
        TimeProvider time
    )
    {
        var cancellation = context.RequestAborted;
        var all = await queues.ListAsync(
            caller,
            new Listing(SortBy: "name", PageLength: Listing.LongestPage),
            cancellation
        );
        var known = await counts.OfQueuesAsync(caller, cancellation);
        var paused = await pauses.PausedAsync(cancellation);
        var items = new List<QueueItem>();
        foreach (var queue in all.Data)
        {
            var count = known.GetValueOrDefault(queue.Id);
            var watching = await workers.OfQueueAsync(caller, queue.Id, cancellation);
            var policy = await policies.GetAsync(caller, ResourceKind.Queue, queue.Id, cancellation);
            items.Add(
                new QueueItem(
                    queue.Id,
                    queue.Name,
                    queue.Description,
                    queue.Group.Name,
                    count?.Waiting ?? 0,
                    count?.Running ?? 0,
                    count?.Oldest is { } oldest ? Say.At(oldest) : null,
                    watching.Count,
                    watching.Sum(w => w.Busy),
                    watching.Sum(w => w.Slots),
                    Words.Span(policy.LostAfterMicros),
                    paused.Contains(queue.Id)
                )
            );
        }

        var present = await workers.AllAsync(caller, cancellation);
        var model = new QueuesModel(
            items,
            [.. present.Select(worker => ItemOf(worker, time.GetUtcNow()))],
            CapacityPlot.Of(await capacity.LastHourAsync(caller, cancellation))
        )
        {
            MayChange = ExperimentPages.MayChange(caller),
            Server = ServerAddress.Of(context),
        };
        return PageResults.Page<QueuesPage>(new { Model = model });
    }

    private static WorkerItem ItemOf(WorkerView worker, DateTimeOffset now)
    {
        var heard = WireTime.Read(worker.SeenOn);
        var state =
            now - heard > Silent ? "unreachable"
            : worker.State == "draining" ? "draining"
            : "online";
        return new WorkerItem(
            worker.Id,
            worker.Name,
            worker.Host,
            state,
            heard,
            worker.Busy,
            worker.Slots,
            worker.Load,
            worker.Queues,
            worker.Levels,
            OfferOf(worker.Resources),
            Labeling.Say(worker.Labels),
            worker.Version,
            worker.MayDrain
        );
    }

    private static string OfferOf(WorkerResources offer)
    {
        var gpus = offer.Gpus > 0 ? $", {Say.Count(offer.Gpus, "GPU")}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{offer.Cpu:0.###} CPU, {Say.Bytes(offer.Memory)}{gpus}");
    }
}
