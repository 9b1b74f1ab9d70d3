namespace Alidade.Server.Pages.Parts;

/// <summary>How a state is shown: its shape, which is also its style class, and its word.</summary>
public sealed record Status(string Shape, string Word)
{
    /// <summary>The state of a job.</summary>
    public static Status OfJob(string state) =>
        state switch
        {
            "finished" => new("finished", "Finished"),
            "failed" => new("failed", "Failed"),
            "cancelled" => new("cancelled", "Cancelled"),
            "cancelling" => new("warning", "Stopping"),
            "unreachable" => new("warning", "Unreachable"),
            "running" => new("running", "Running"),
            "claimed" => new("queued", "Starting"),
            "queued" => new("queued", "Queued"),
            "scheduled" => new("queued", "Scheduled"),
            "skipped" => new("cancelled", "Skipped"),
            _ => new("queued", state),
        };

    /// <summary>The state of one try of a job.</summary>
    public static Status OfAttempt(string state) =>
        state switch
        {
            "succeeded" => new("finished", "Finished"),
            "timed_out" => new("failed", "Out of time"),
            "lost" => new("failed", "Lost"),
            "granted" => new("queued", "Starting"),
            _ => OfJob(state),
        };

    public static bool IsOver(string state) => state is "finished" or "failed" or "cancelled" or "skipped";
}
