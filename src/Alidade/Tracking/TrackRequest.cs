namespace Alidade.Tracking;

/// <summary>What <c>alidade track</c> was asked for.</summary>
/// <param name="Wait">How long a server that is there but silent may hold up the start, and then the end.</param>
internal sealed record TrackRequest(
    IReadOnlyList<string> Command,
    Uri Server,
    string Experiment,
    string? Name,
    IReadOnlyDictionary<string, string> Parameters,
    bool Offline,
    TimeSpan Wait,
    string Spool
);
