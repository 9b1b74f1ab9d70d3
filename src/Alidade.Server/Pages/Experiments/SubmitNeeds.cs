using System.Globalization;
using System.Text.Json.Nodes;
using Alidade.Engine.Jobs;
using Alidade.Server.Jobs;
using Alidade.Server.Pages.Web;

namespace Alidade.Server.Pages.Experiments;

/// <summary>Where, when and after what a job runs, as it was typed; what is empty is said by entrypoint and queue.</summary>
public sealed record SubmitNeeds
{
    public string? Priority { get; init; }
    public string? Labels { get; init; }
    public string? Cpu { get; init; }
    public string? Memory { get; init; }
    public string? Gpus { get; init; }
    public string? After { get; init; }
    public string? AfterPolicy { get; init; }
    public string? NotBefore { get; init; }
    public string? NotAfter { get; init; }
    public string? MaxFailures { get; init; }

    /// <summary>The fields by their names in the form, which are those of the request.</summary>
    public static IReadOnlyList<string> Fields { get; } =
    [
        "priority",
        "labels",
        "resources.cpu",
        "resources.memory",
        "resources.gpus",
        "after",
        "afterPolicy",
        "notBefore",
        "notAfter",
        "maxFailures",
    ];

    public bool HasAny => this with { AfterPolicy = null } != new SubmitNeeds();

    public static SubmitNeeds Of(IFormCollection form) =>
        new()
        {
            Priority = FormInput.TextOf(form, "priority"),
            Labels = FormInput.TextOf(form, "labels"),
            Cpu = FormInput.TextOf(form, "resources.cpu"),
            Memory = FormInput.TextOf(form, "resources.memory"),
            Gpus = FormInput.TextOf(form, "resources.gpus"),
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
            Priority = Text(job.Priority),
            Labels = job.Labels.Count == 0 ? null : Labeling.Say(job.Labels),
            Cpu = Text(job.Resources.Cpu),
            Memory = job.Resources.Memory == 0 ? null : Amounts.Text(job.Resources.Memory),
            Gpus = Text(job.Resources.Gpus),
            MaxFailures = Text(job.MaxFailures),
        };

    /// <summary>What is written otherwise than in a request, where it cannot be understood; by field.</summary>
    public IEnumerable<(string Field, string Error)> Mistyped()
    {
        if (Memory is not null && Amounts.Bytes(Memory) is null)
        {
            yield return ("resources.memory", $"'{Memory}' is no amount: write 4GiB.");
        }

        if (After is not null && Parts(After).FirstOrDefault(p => !long.TryParse(p, out _)) is { } wrong)
        {
            yield return ("after", $"'{wrong}' is no job's number: write 120, 121.");
        }
    }

    /// <summary>Into a request. What is no number or amount goes as text, for the rules of the request to refuse.</summary>
    public void AddTo(JsonObject body)
    {
        Add(body, "priority", Whole(Priority));
        Add(body, "labels", LabelsOf(Labels));
        Add(body, "after", JobsOf(After));
        Add(body, "afterPolicy", After is null ? null : AfterPolicy);
        Add(body, "notBefore", NotBefore);
        Add(body, "notAfter", NotAfter);
        Add(body, "maxFailures", Whole(MaxFailures));
        var resources = new JsonObject();
        Add(resources, "cpu", Number(Cpu));
        Add(
            resources,
            "memory",
            Memory is null ? null
                : Amounts.Bytes(Memory) is { } bytes ? bytes
                : Memory
        );
        Add(resources, "gpus", Whole(Gpus));
        Add(body, "resources", resources.Count == 0 ? null : resources);
    }

    private static void Add(JsonObject body, string name, JsonNode? value)
    {
        if (value is not null)
        {
            body[name] = value;
        }
    }

    private static string? Text(double number) =>
        number == 0 ? null : number.ToString("0.###", CultureInfo.InvariantCulture);

    private static JsonNode? Whole(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : text;

    private static JsonNode? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && double.IsFinite(n)
            ? n
            : text;

    /// <summary><c>zone=a, fast</c>: a name alone has the empty value.</summary>
    private static JsonObject? LabelsOf(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var labels = new JsonObject();
        foreach (var label in Parts(text))
        {
            var (name, value) = label.Split('=', 2) is [var before, var behind] ? (before, behind) : (label, "");
            labels[name.Trim()] = value.Trim();
        }

        return labels;
    }

    private static JsonArray? JobsOf(string? text) => text is null ? null : [.. Parts(text).Select(Whole)];

    private static string[] Parts(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
