namespace Alidade.Tracking;

/// <summary>What is known of a tracked command before it begins. Times in microseconds.</summary>
internal sealed record RunRecord(
    string Id,
    Uri Server,
    string Experiment,
    string? Name,
    long Started,
    IReadOnlyDictionary<string, string> Parameters,
    IReadOnlyDictionary<string, string> Tags
)
{
    /// <summary>The token made for the command, to be revoked when all is sent.</summary>
    public long? Token { get; init; }
}

/// <summary>How it ended.</summary>
internal sealed record RunEnd(string Status, long Ended, IReadOnlyDictionary<string, string> Tags);
