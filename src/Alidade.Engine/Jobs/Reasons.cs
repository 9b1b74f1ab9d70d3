namespace Alidade.Engine.Jobs;

/// <summary>Why a job ended without success, or why it is where it is. These words are part of the API.</summary>
public static class Reasons
{
    /// <summary>User code raised, exited with a code, or ended before the plan was done.</summary>
    public const string UserError = "user_error";

    /// <summary>Ended by a signal that was not ours.</summary>
    public const string Killed = "killed";
    public const string OutOfMemory = "oom";
    public const string Timeout = "timeout";

    /// <summary>Its folders took more room than the job may have.</summary>
    public const string Disk = "disk";

    /// <summary>The worker could not lay out or begin the attempt.</summary>
    public const string EnvironmentSetup = "env_setup";

    /// <summary>Its worker or process went away more often than the job may lose.</summary>
    public const string Lost = "lost";

    /// <summary>It took several workers down with it.</summary>
    public const string Poison = "poison";

    /// <summary>Granted several times and never begun.</summary>
    public const string StartDeadline = "start_deadline";

    /// <summary>The time by which it had to begin passed.</summary>
    public const string Expired = "expired";

    /// <summary>A job it comes after did not finish.</summary>
    public const string Dependency = "dependency";

    /// <summary>Its entrypoint does not compile to a plan.</summary>
    public const string Rejected = "rejected";

    /// <summary>Cancelled, but its worker never confirmed that it ended.</summary>
    public const string Unconfirmed = "unconfirmed";

    /// <summary>A client took the job from the queue and reports its status itself.</summary>
    public const string External = "external";

    /// <summary>Reasons a worker may report with a failure; any other is read as <see cref="UserError"/>.</summary>
    public static string Reported(string? reason) =>
        reason is UserError or Killed or OutOfMemory or Disk or Timeout or EnvironmentSetup ? reason : UserError;
}
