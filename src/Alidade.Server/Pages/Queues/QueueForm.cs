using System.Text.Json.Nodes;
using Alidade.Server.Jobs.Policies;
using Alidade.Server.Pages.Web;
using Alidade.Server.Queues;

namespace Alidade.Server.Pages.Queues;

/// <summary>A queue and what it says about its jobs, as it is typed.</summary>
public sealed record QueueForm(long Id, string Name)
{
    private static readonly string[] Fields =
    [
        "name",
        "description",
        "maxFailures",
        "maxLosses",
        "lostAfter",
        "startWithin",
    ];

    public string? Description { get; init; }
    public WorkerNeeds Worker { get; init; } = new();
    public string? MaxFailures { get; init; }
    public string? MaxLosses { get; init; }
    public string? LostAfter { get; init; }
    public string? StartWithin { get; init; }
    public bool Restartable { get; init; } = true;

    /// <summary>What is wrong, by the name of the field; the empty name is for the form as a whole.</summary>
    public IReadOnlyDictionary<string, string> Errors { get; init; } = FormErrors.None;

    public string? ErrorOf(string field) => Errors.Of(field);

    public string? Problem => Errors.Beside([.. WorkerNeeds.Fields, .. Fields]);

    public static QueueForm Of(QueueView queue, JobPolicy policy) =>
        new(queue.Id, queue.Name)
        {
            Description = queue.Description,
            Worker = WorkerNeeds.Of(
                policy.Resources?.Cpu,
                policy.Resources?.Memory,
                policy.Resources?.Gpus,
                policy.Labels?.Select(label => KeyValuePair.Create(label.Key, label.Value ?? "")) ?? []
            ),
            MaxFailures = FormValues.Text(policy.MaxFailures),
            MaxLosses = FormValues.Text(policy.MaxLosses),
            LostAfter = policy.LostAfter,
            StartWithin = policy.StartWithin,
            Restartable = policy.Restartable ?? true,
        };

    public QueueForm With(IFormCollection form) =>
        this with
        {
            Name = form["name"].ToString(),
            Description = FormInput.TextOf(form, "description"),
            Worker = WorkerNeeds.Of(form),
            MaxFailures = FormInput.TextOf(form, "maxFailures"),
            MaxLosses = FormInput.TextOf(form, "maxLosses"),
            LostAfter = FormInput.TextOf(form, "lostAfter"),
            StartWithin = FormInput.TextOf(form, "startWithin"),
            Restartable = form["restartable"].Count > 0,
        };

    public JsonObject QueueBody() => new() { ["name"] = Name, ["description"] = Description };

    public JsonObject PolicyBody()
    {
        var body = new JsonObject();
        Worker.AddTo(body);
        body.AddTyped("maxFailures", FormValues.Whole(MaxFailures));
        body.AddTyped("maxLosses", FormValues.Whole(MaxLosses));
        body.AddTyped("lostAfter", LostAfter);
        body.AddTyped("startWithin", StartWithin);
        body.AddTyped("restartable", Restartable ? null : false);
        return body;
    }
}
