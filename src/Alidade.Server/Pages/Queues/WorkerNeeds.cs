using System.Text.Json.Nodes;
using Alidade.Engine.Jobs;
using Alidade.Server.Pages.Web;

namespace Alidade.Server.Pages.Queues;

/// <summary>What jobs ask of their worker, as it is typed.</summary>
public sealed record WorkerNeeds
{
    /// <summary>The fields by their names in the form, which are those of the request.</summary>
    public static IReadOnlyList<string> Fields { get; } =
    ["resources.cpu", "resources.memory", "resources.gpus", "labels"];

    public string? Cpu { get; init; }
    public string? Memory { get; init; }
    public string? Gpus { get; init; }
    public string? Labels { get; init; }

    public static WorkerNeeds Of(IFormCollection form) =>
        new()
        {
            Cpu = FormInput.TextOf(form, "resources.cpu"),
            Memory = FormInput.TextOf(form, "resources.memory"),
            Gpus = FormInput.TextOf(form, "resources.gpus"),
            Labels = FormInput.TextOf(form, "labels"),
        };

    /// <summary>As somebody would type it; null stays empty.</summary>
    public static WorkerNeeds Of(
        double? cpu,
        long? memory,
        long? gpus,
        IEnumerable<KeyValuePair<string, string>> labels
    ) =>
        new()
        {
            Cpu = FormValues.Text(cpu),
            Memory = memory is { } bytes ? Amounts.Text(bytes) : null,
            Gpus = FormValues.Text(gpus),
            Labels = Labeling.Say(labels.ToDictionary()) is { Length: > 0 } text ? text : null,
        };

    /// <summary>What is written otherwise than in a request, where it cannot be understood.</summary>
    public string? MemoryError =>
        Memory is not null && Amounts.Bytes(Memory) is null ? $"'{Memory}' is no amount: write 4GiB." : null;

    /// <summary>Into a request.</summary>
    public void AddTo(JsonObject body)
    {
        var resources = new JsonObject();
        resources.AddTyped("cpu", FormValues.Number(Cpu));
        resources.AddTyped("memory", Memory is null ? null : Amounts.Bytes(Memory));
        resources.AddTyped("gpus", FormValues.Whole(Gpus));
        body.AddTyped("resources", resources.Count == 0 ? null : resources);
        body.AddTyped("labels", Labels is null ? null : LabelsOf(Labels));
    }

    /// <summary><c>zone=a, fast</c>: a name alone has the empty value.</summary>
    private static JsonObject LabelsOf(string text)
    {
        var labels = new JsonObject();
        foreach (var label in FormValues.Parts(text))
        {
            var (name, value) = label.Split('=', 2) is [var before, var behind] ? (before, behind) : (label, "");
            labels[name.Trim()] = value.Trim();
        }

        return labels;
    }
}
