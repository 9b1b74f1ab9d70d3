using System.Text.Json.Nodes;
using Alidade.Server.Pages.Parts;
using Alidade.Server.Pages.Web;
using Alidade.Server.Runs;
using Alidade.Server.Runs.Tables;

namespace Alidade.Server.Pages.Runs;

/// <summary>A job or a tracked run as a row.</summary>
public sealed record RunItem(
    string Run,
    long? Job,
    bool IsJob,
    string Name,
    string State,
    string User,
    DateTimeOffset Created,
    DateTimeOffset? Started,
    DateTimeOffset? Ended
)
{
    /// <summary>Values by their columns; what it lacks is not there.</summary>
    public IReadOnlyDictionary<string, JsonNode> Values { get; init; } = new Dictionary<string, JsonNode>();

    /// <summary>Why it ended or why it waits, in one line.</summary>
    public string? Note { get; init; }

    /// <summary>Its experiment's name, where others stand beside it.</summary>
    public string Experiment { get; init; } = "";

    /// <summary>By which charts know it: a job's number, else the run's id.</summary>
    public string Key => IsJob ? $"{Job}" : Run;

    /// <summary>What stands before its name.</summary>
    public string Number => IsJob ? $"{Job}" : Run[..Math.Min(6, Run.Length)];

    public string Label => $"{Number} {Name}";

    public string Address => IsJob ? $"/jobs/{Job}" : $"/runs/{Run}";

    public bool IsOver => Status.IsOver(State);

    public static RunItem Of(TableRowView row, IReadOnlyList<string> columns) =>
        new(
            row.Id,
            row.Job,
            row.Kind == "job",
            row.Name,
            row.State,
            row.User,
            WireTime.Read(row.CreatedOn),
            WireTime.ReadOptional(row.StartedOn),
            WireTime.ReadOptional(row.EndedOn)
        )
        {
            Values = columns
                .Zip(row.Values)
                .Where(pair => pair.Second is not null)
                .ToDictionary(pair => pair.First, pair => pair.Second!),
            Note = row.Message,
        };

    public static RunItem Of(RunSummaryView run) =>
        new(
            run.Id,
            run.Job,
            run.Kind == "job",
            run.Name,
            run.State,
            run.User,
            WireTime.Read(run.CreatedOn),
            WireTime.ReadOptional(run.StartedOn),
            WireTime.ReadOptional(run.EndedOn)
        )
        {
            Experiment = run.ExperimentName,
        };

    public string? Text(string column) =>
        Values.GetValueOrDefault(column) switch
        {
            null => null,
            JsonValue value when value.TryGetValue<string>(out var text) => text,
            var node => node.ToJsonString(),
        };

    /// <summary>A number of a series or a result.</summary>
    public double? Real(string column) =>
        Values.GetValueOrDefault(column) is JsonValue value && value.TryGetValue<double>(out var number)
            ? number
            : null;
}
