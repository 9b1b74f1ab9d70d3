namespace Alidade.Worker.Protocol;

/// <summary>What an answer that is not the wanted one asks of the agent.</summary>
internal enum Refusal
{
    /// <summary>No answer, or one that says to come back: keep everything and try again.</summary>
    Unavailable,

    /// <summary>The token or the session secret is not known: nothing this worker says counts.</summary>
    Unauthorized,

    /// <summary>Register again and present what runs.</summary>
    SessionGone,

    /// <summary>The attempt belongs to someone else now: kill it and forget it.</summary>
    StaleAttempt,

    /// <summary>Send the events after <see cref="ServerException.AckedThrough"/> first.</summary>
    EventsMissing,

    /// <summary>Claim nothing more.</summary>
    Draining,

    /// <summary>Repeating this request is of no use.</summary>
    Rejected,
}

internal sealed class ServerException(
    Refusal refusal,
    string message,
    TimeSpan? retryAfter = null,
    long? ackedThrough = null,
    Exception? inner = null
) : Exception(message, inner)
{
    public Refusal Refusal { get; } = refusal;

    public TimeSpan? RetryAfter { get; } = retryAfter;

    public long? AckedThrough { get; } = ackedThrough;
}
