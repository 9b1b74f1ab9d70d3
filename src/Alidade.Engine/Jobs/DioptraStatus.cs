namespace Alidade.Engine.Jobs;

/// <summary>
/// The five states a Dioptra client knows, and what its status changes mean here. A client may change the status only
/// while no worker owns the job.
/// </summary>
public static class DioptraStatus
{
    public static IReadOnlyList<string> Words { get; } = ["deferred", "queued", "started", "failed", "finished"];

    /// <summary>The words a client may send.</summary>
    public static IReadOnlyList<string> Requests { get; } =
    ["queued", "started", "deferred", "finished", "failed", "reset"];

    public static string Of(JobState state) =>
        state switch
        {
            JobState.Scheduled => "deferred",
            JobState.Queued => "queued",
            JobState.Finished => "finished",
            JobState.Failed or JobState.Cancelled or JobState.Skipped => "failed",
            _ => "started",
        };

    /// <summary>The states that a word stands for; a search by status looks for these.</summary>
    public static IEnumerable<JobState> States(string status) => Enum.GetValues<JobState>().Where(s => Of(s) == status);

    /// <summary>The event a request stands for, or null when Dioptra's own table refuses it.</summary>
    public static JobEvent? Event(JobState from, string request) =>
        (Of(from), request) switch
        {
            ("queued" or "deferred", "started") => JobEvent.TakeOver,
            ("queued", "deferred") => JobEvent.Hold,
            ("started", "finished") => JobEvent.ExternalFinished,
            ("started", "failed") => JobEvent.ExternalFailed,
            (_, "reset") => JobEvent.Requeue,
            _ => null,
        };
}
