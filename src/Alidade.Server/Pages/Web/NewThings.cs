using System.Text.Json.Nodes;
using Alidade.Server.Experiments;
using Alidade.Server.Groups;
using Alidade.Server.Pages.Parts;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;
using Alidade.Server.Queues;

namespace Alidade.Server.Pages.Web;

/// <summary>Forms that make an experiment or a queue: a name, a description, a group.</summary>
internal static class NewThings
{
    public static void MapNewThings(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(
            "/experiments/new",
            (Caller caller, GroupService groups, CancellationToken c) =>
                FormAsync(Experiment, caller, groups, null, FormErrors.None, c)
        );
        pages.MapGet(
            "/queues/new",
            (Caller caller, GroupService groups, CancellationToken c) =>
                FormAsync(Queue, caller, groups, null, FormErrors.None, c)
        );
        pages.MapPost("/experiments/new", CreateExperimentAsync);
        pages.MapPost("/queues/new", CreateQueueAsync);
    }

    private static readonly Kind Experiment = new(
        "New experiment",
        "experiments",
        "Experiments",
        "/experiments",
        "Create experiment"
    );
    private static readonly Kind Queue = new("New queue", "queues", "Queues and workers", "/queues", "Create queue");

    private static async Task<IResult> CreateExperimentAsync(
        Caller caller,
        HttpContext context,
        ExperimentService experiments,
        GroupService groups
    )
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        long created = 0;
        var errors = await FormErrors.TryAsync(async () =>
        {
            var input = FormInput.Read<ExperimentInput>(await BodyAsync(caller, form, groups, context.RequestAborted));
            created = (await experiments.CreateAsync(caller, input, context.RequestAborted)).Id;
        });
        return errors is null
            ? PageResults.SeeOther($"/experiments/{created}")
            : await FormAsync(Experiment, caller, groups, form, errors, context.RequestAborted);
    }

    private static async Task<IResult> CreateQueueAsync(
        Caller caller,
        HttpContext context,
        QueueService queues,
        GroupService groups
    )
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var errors = await FormErrors.TryAsync(async () =>
        {
            var input = FormInput.Read<QueueInput>(await BodyAsync(caller, form, groups, context.RequestAborted));
            await queues.CreateAsync(caller, input, context.RequestAborted);
        });
        return errors is null
            ? PageResults.SeeOther("/queues")
            : await FormAsync(Queue, caller, groups, form, errors, context.RequestAborted);
    }

    private static async Task<IResult> FormAsync(
        Kind kind,
        Caller caller,
        GroupService groups,
        IFormCollection? form,
        IReadOnlyDictionary<string, string> errors,
        CancellationToken cancellation
    )
    {
        var mine = await groups.ListAsync(caller, new Listing(PageLength: 0), cancellation);
        return PageResults.Page<NewThing>(
            new
            {
                kind.Title,
                kind.Section,
                kind.Collection,
                kind.Back,
                kind.Action,
                Name = form?["name"].ToString(),
                Description = form?["description"].ToString(),
                Groups = (IReadOnlyList<KeyValuePair<long, string>>)
                    [
                        .. mine
                            .Data.Where(g => caller.Groups[g.Id] >= Role.Contributor)
                            .Select(g => KeyValuePair.Create(g.Id, g.Name)),
                    ],
                Errors = errors,
            },
            errors.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity
        );
    }

    /// <summary>The chosen group; where there is no choice the form does not ask.</summary>
    private static async Task<long> GroupOfAsync(
        Caller caller,
        IFormCollection form,
        GroupService groups,
        CancellationToken cancellation
    )
    {
        if (long.TryParse(form["group"], out var chosen))
        {
            return chosen;
        }

        var first = await groups.ListAsync(caller, new Listing(PageLength: 1), cancellation);
        return first.Data.FirstOrDefault()?.Id ?? 0;
    }

    private static async Task<JsonObject> BodyAsync(
        Caller caller,
        IFormCollection form,
        GroupService groups,
        CancellationToken cancellation
    ) =>
        new()
        {
            ["group"] = await GroupOfAsync(caller, form, groups, cancellation),
            ["name"] = form["name"].ToString(),
            ["description"] = FormInput.TextOf(form, "description"),
        };

    private sealed record Kind(string Title, string Section, string Collection, string Back, string Action);
}
