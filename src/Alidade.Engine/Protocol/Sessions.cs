namespace Alidade.Engine.Protocol;

/// <summary>A worker introduces itself and presents the attempts that still live in its folder.</summary>
/// <param name="Worker">Stable name of this worker, kept in its folder; one live session each.</param>
/// <param name="Queues">Queue names to serve; <c>*</c> matches within a name.</param>
/// <param name="Levels">Isolation levels that work here, best first.</param>
public sealed record SessionRequest(
    string Worker,
    string Host,
    IReadOnlyList<string> Queues,
    int Slots,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyList<string> Levels,
    string Version,
    IReadOnlyList<LiveAttempt> Attempts
);

/// <summary>An attempt the worker really has, with the fence it was granted under.</summary>
public sealed record LiveAttempt(long Attempt, long Fence, string Phase);

/// <summary>The session, the secret that proves it, and the intervals to obey.</summary>
/// <param name="Stop">Presented attempts that are no longer this worker's: kill and forget them.</param>
public sealed record SessionReply(long Session, string Secret, Intervals Intervals, IReadOnlyList<long> Stop);

/// <summary>Seconds, all named by the server.</summary>
public sealed record Intervals(double Renew, double ClaimWait, double Lease, double LostAfter);

/// <summary>What a worker runs at this moment.</summary>
public sealed record RenewRequest(IReadOnlyList<LiveAttempt> Attempts);

/// <summary>What the worker must do now.</summary>
/// <param name="Stop">Attempts that are no longer its own: kill and forget.</param>
/// <param name="Cancel">Attempts whose job is being cancelled: end them and report.</param>
/// <param name="Drain">Claim nothing more.</param>
public sealed record RenewReply(IReadOnlyList<long> Stop, IReadOnlyList<long> Cancel, bool Drain);
