using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Alidade.Server.Metrics;

namespace Alidade.Server.Runs.Tables;

/// <summary>Jobs and runs of an experiment side by side.</summary>
/// <param name="Columns">What the values of each row are, in their order.</param>
/// <param name="Total">Counted to 10,000 at most.</param>
/// <param name="Next">The token of the next page; null on the last.</param>
public sealed record TableView(
    IReadOnlyList<string> Columns,
    IReadOnlyList<TableRowView> Rows,
    long Total,
    bool TotalIsLowerBound,
    string? Next
);

/// <param name="Id">Of the run.</param>
/// <param name="Job">Whose own run it is; null where no job of ours ran.</param>
/// <param name="Kind"><c>job</c>, or <c>run</c> for what a client tracks by itself.</param>
/// <param name="Snapshot">Of the job, as in /jobs.</param>
/// <param name="Values">Parameters and tags as text, metrics as numbers, results as they were reported; null for none.</param>
public sealed record TableRowView(
    string Id,
    long? Job,
    string Kind,
    string Name,
    string State,
    string User,
    string? Entrypoint,
    string? Queue,
    string? Parent,
    string CreatedOn,
    string? StartedOn,
    string? EndedOn,
    string? Message,
    long? Snapshot,
    IReadOnlyList<JsonNode?> Values
);

/// <summary>Which values the newest runs of an experiment have.</summary>
public sealed record TableColumnsView(IReadOnlyList<string> Columns);

/// <param name="By">What the keys of each group are.</param>
/// <param name="Runs">How many were grouped.</param>
/// <param name="IsTruncated">There were more; the newest were grouped.</param>
public sealed record GroupsView(
    IReadOnlyList<string> By,
    IReadOnlyList<RunGroupView> Groups,
    long Runs,
    bool IsTruncated
);

/// <param name="Keys">Null where the runs lack a value.</param>
/// <param name="Best">The run with the greatest, or least, value.</param>
public sealed record RunGroupView(
    IReadOnlyList<string?> Keys,
    long Count,
    IReadOnlyDictionary<string, AggregateView> Aggregates,
    BestView? Best
);

/// <summary>Over the runs that have a number there; NaN is none.</summary>
/// <param name="Std">Of a sample; null for fewer than two.</param>
public sealed record AggregateView(
    long Count,
    [property: JsonConverter(typeof(PythonFloat))] double Mean,
    double? Std,
    [property: JsonConverter(typeof(PythonFloat))] double Min,
    [property: JsonConverter(typeof(PythonFloat))] double Max
);

public sealed record BestView(
    string Run,
    long? Job,
    string Name,
    [property: JsonConverter(typeof(PythonFloat))] double Value
);
