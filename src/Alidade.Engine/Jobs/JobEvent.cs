namespace Alidade.Engine.Jobs;

/// <summary>What may happen to a job, named after who makes it happen.</summary>
public enum JobEvent
{
    /// <summary>Clock: its time has come and what it waits for has finished.</summary>
    Due,

    /// <summary>Clock: a job that it requires did not finish.</summary>
    DependencyFailed,

    /// <summary>Clock: the condition of its pipeline step is not met.</summary>
    Skip,

    /// <summary>Clock: it has not begun, and the time by which it had to has passed.</summary>
    Expired,

    /// <summary>Dispatcher: granted to a worker session.</summary>
    Claim,

    /// <summary>Dispatcher: it has no plan that could run.</summary>
    Reject,

    /// <summary>Worker: the supervisor is ready to run user code.</summary>
    Start,

    /// <summary>Clock: granted, and never begun in its time.</summary>
    StartDeadline,

    /// <summary>Clock: the worker's lease ran out.</summary>
    LeaseExpired,

    /// <summary>Worker: lists the attempt again.</summary>
    Renewed,

    /// <summary>Clock or worker: the attempt is gone for good.</summary>
    Lost,

    /// <summary>Worker: every step and every artifact output ran.</summary>
    Succeeded,

    /// <summary>Worker: it did not.</summary>
    Failed,

    /// <summary>Clock: the time limit has passed and the worker has not said so.</summary>
    TimedOut,

    /// <summary>Worker: gives it back.</summary>
    Released,

    /// <summary>User: wants it ended.</summary>
    Cancel,

    /// <summary>Worker: it has been ended.</summary>
    CancelConfirmed,

    /// <summary>Clock: cancelled long ago, and no word from the worker.</summary>
    CancelForced,

    /// <summary>User: run it again, or for the first time after all.</summary>
    Requeue,

    /// <summary>User: hold it back.</summary>
    Hold,

    /// <summary>User: runs it outside of any worker and reports the end.</summary>
    TakeOver,

    /// <summary>User: the job taken over has finished.</summary>
    ExternalFinished,

    /// <summary>User: the job taken over has failed.</summary>
    ExternalFailed,
}
