using Alidade.Server.Platform.Input;

namespace Alidade.Server.Runs;

/// <summary>What is said about a run that stands alone. What is left out stays as it is; a new run begins now.</summary>
/// <param name="Experiment">Name of the experiment; made when it does not exist.</param>
/// <param name="Started">Microseconds since 1970 UTC.</param>
/// <param name="Parameters">Written once: another value for one that is known is refused.</param>
public sealed record RunInput(
    [Length(1, 255)] string? Experiment = null,
    [Length(1, RunInput.LongestName)] string? Name = null,
    [OneOf("RUNNING", "FINISHED", "FAILED", "KILLED")] string? Status = null,
    long? Started = null,
    long? Ended = null,
    IReadOnlyDictionary<string, string?>? Parameters = null,
    IReadOnlyDictionary<string, string?>? Tags = null
)
{
    public const int LongestName = 250;
}

/// <param name="Page">Where people see it.</param>
public sealed record RunWritten(
    string Id,
    string Name,
    long Experiment,
    string ExperimentName,
    long Group,
    string Status,
    string Page
);
