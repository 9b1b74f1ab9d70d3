using System.Text.Json.Nodes;
using Alidade.Server.Jobs;
using Alidade.Server.Pages.Queues;
using Alidade.Server.Pages.Web;

namespace Alidade.Server.Pages.Experiments;

/// <summary>Where, when and after what a job runs, as it was typed; what is empty is said by entrypoint and queue.</summary>
public sealed record SubmitNeeds
{
    /// <summary>The fields by their names in the form, which are those of the request.</summary>
    public static IReadOnlyList<string> Fields { get; } =
    [.. WorkerNeeds.Fields, "priority", "after", "afterPolicy", "notBefore", "notAfter", "maxFailures"];

    public WorkerNeeds Worker { get; init; } = new();
    public string? Priority { get; init; }
    public string? After { get; init; }
    public string? AfterPolicy { get; init; }
    public string? NotBefore { get; init; }
    public string? NotAfter { get; init; }
    public string? MaxFailures { get; init; }

    public bool HasAny => this with { AfterPolicy = null } != new SubmitNeeds();

    public static SubmitNeeds Of(IFormCollection form) =>
        new()
        {
            Worker = WorkerNeeds.Of(form),
            Priority = FormInput.TextOf(form, "priority"),
            After = FormInput.TextOf(form, "after"),
            AfterPolicy = FormInput.TextOf(form, "afterPolicy"),
            NotBefore = FormInput.TextOf(form, "notBefore"),
            NotAfter = FormInput.TextOf(form, "notAfter"),
            MaxFailures = FormInput.TextOf(form, "maxFailures"),
        };

    /// <summary>What an earlier job asked for. Moments and jobs before it have passed, so they are not repeated.</summary>
    public static SubmitNeeds Of(JobView job) =>
        new()
        {
            Worker = WorkerNeeds.Of(
                Some(job.Resources.Cpu),
                (long?)Some(job.Resources.Memory),
                (long?)Some(job.Resources.Gpus),
                job.Labels
            ),
            Priority = FormValues.Text(Some(job.Priority)),
            MaxFailures = FormValues.Text(Some(job.MaxFailures)),
        };

    /// <summary>What is written otherwise than in a request, where it cannot be understood; by field.</summary>
    public IEnumerable<(string Field, string Error)> Mistyped()
    {
        if (Worker.MemoryError is { } error)
        {
            yield return ("resources.memory", error);
        }

        if (After is not null && FormValues.Parts(After).FirstOrDefault(p => !long.TryParse(p, out _)) is { } wrong)
        {
            yield return ("after", $"'{wrong}' is no job's number: write 120, 121.");
        }
    }

    /// <summary>Into a request.</summary>
    public void AddTo(JsonObject body)
    {
        Worker.AddTo(body);
        body.AddTyped("priority", FormValues.Whole(Priority));
        body.AddTyped("notBefore", NotBefore);
        body.AddTyped("notAfter", NotAfter);
        body.AddTyped("maxFailures", FormValues.Whole(MaxFailures));
        if (After is not null)
        {
            body["after"] = new JsonArray([.. FormValues.Parts(After).Select(FormValues.Whole)]);
            body.AddTyped("afterPolicy", AfterPolicy);
        }
    }

    /// <summary>Nothing asked for is nothing typed.</summary>
    private static double? Some(double amount) => amount == 0 ? null : amount;
}
