namespace Alidade.Engine.Protocol;

/// <summary>Every event up to this number is durable on the server.</summary>
public sealed record EventsReply(long AckedThrough);

/// <summary>How an attempt ended, from its <c>exit.json</c>, or from the agent when there is none.</summary>
/// <param name="Report">Drawn by the agent once per attempt; a repetition with it is answered alike.</param>
/// <param name="Outcome"><c>finished</c>, <c>failed</c>, <c>cancelled</c> or <c>lost</c>.</param>
/// <param name="Reason">A word of the state machine, such as <c>user_error</c> or <c>timeout</c>.</param>
/// <param name="LastEvent">The last event the supervisor wrote; all must be acknowledged before.</param>
/// <param name="Claim">The slot that becomes free takes the next job, if one waits; with the answer, without a wait.</param>
public sealed record FinishRequest(
    long Fence,
    string Report,
    string Outcome,
    string? Reason,
    int? Exit,
    int? Signal,
    string? Message,
    string? Traceback,
    string? Step,
    long LastEvent,
    long? Started,
    long? Ended,
    long? PeakMemory,
    double? CpuSeconds,
    bool Claim = false
);

/// <summary>The state the job is in after the report, and what was claimed with it.</summary>
public sealed record FinishReply(string State, IReadOnlyList<Grant>? Grants = null);

/// <summary>A refusal a worker can act on.</summary>
/// <param name="Error"><c>stale_attempt</c>, <c>session_gone</c>, <c>events_missing</c> or <c>draining</c>.</param>
public sealed record WorkerRefusal(string Error, string Message, long? AckedThrough = null);
