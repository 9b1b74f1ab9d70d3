namespace Alidade.Engine.Jobs;

/// <summary>Where a job stands. The words on the wire and in the database are the names in lower case.</summary>
public enum JobState
{
    /// <summary>Waits for a time, for other jobs, or is held back by a person.</summary>
    Scheduled,

    /// <summary>Waits for a worker.</summary>
    Queued,

    /// <summary>Granted to a worker, which prepares it.</summary>
    Claimed,

    /// <summary>User code runs.</summary>
    Running,

    /// <summary>Its worker is silent; the worker still owns it.</summary>
    Unreachable,

    /// <summary>Its worker was told to end it.</summary>
    Cancelling,
    Finished,
    Failed,
    Cancelled,

    /// <summary>A step of a pipeline whose condition was not met.</summary>
    Skipped,
}

/// <summary>Where one try of a job stands.</summary>
public enum AttemptState
{
    Granted,
    Running,
    Succeeded,
    Failed,
    TimedOut,
    Cancelled,

    /// <summary>Its worker or its process went away without a report.</summary>
    Lost,

    /// <summary>Given back before it began, or never begun.</summary>
    Released,
}

/// <summary>The words for states outside of C#, and the sets that rules speak of.</summary>
public static class States
{
    private static readonly string[] Jobs = [.. Enum.GetNames<JobState>().Select(name => name.ToLowerInvariant())];

    private static readonly string[] Attempts =
    [
        "granted",
        "running",
        "succeeded",
        "failed",
        "timed_out",
        "cancelled",
        "lost",
        "released",
    ];

    public static string Word(this JobState state) => Jobs[(int)state];

    public static string Word(this AttemptState state) => Attempts[(int)state];

    public static JobState Job(string word) => (JobState)Find(Jobs, word);

    public static AttemptState Attempt(string word) => (AttemptState)Find(Attempts, word);

    /// <summary>Nothing but a requeue leaves these.</summary>
    public static bool IsTerminal(this JobState state) => state >= JobState.Finished;

    public static bool IsLive(this AttemptState state) => state <= AttemptState.Running;

    private static int Find(string[] words, string word)
    {
        var index = Array.IndexOf(words, word);
        return index >= 0 ? index : throw new ArgumentException($"'{word}' is not a state.", nameof(word));
    }
}
