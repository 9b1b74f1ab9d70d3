using Microsoft.Extensions.Logging;

namespace Alidade.Worker;

/// <summary>All the agent says.</summary>
internal static partial class Log
{
    [LoggerMessage(
        1,
        LogLevel.Information,
        "Worker {Worker} is registered as session {Session}: {Slots} slots, {Levels}, Python {Python}"
    )]
    public static partial void Registered(
        this ILogger log,
        string worker,
        long session,
        int slots,
        string levels,
        string python
    );

    [LoggerMessage(2, LogLevel.Warning, "The server cannot be reached to register: {Message}")]
    public static partial void NotRegistered(this ILogger log, string message);

    [LoggerMessage(3, LogLevel.Information, "The server does not know session {Session} any more; registering again")]
    public static partial void SessionGone(this ILogger log, long session);

    [LoggerMessage(4, LogLevel.Warning, "Not renewed: {Message}")]
    public static partial void NotRenewed(this ILogger log, string message);

    [LoggerMessage(5, LogLevel.Debug, "Not claimed: {Message}")]
    public static partial void NotClaimed(this ILogger log, string message);

    [LoggerMessage(6, LogLevel.Debug, "Sent again: {Message}")]
    public static partial void Repeats(this ILogger log, string message);

    [LoggerMessage(
        7,
        LogLevel.Error,
        "Ending attempt {Attempt} of job {Job}: not renewed for {Seconds:0} s, and the server is about to give the job away"
    )]
    public static partial void Fenced(this ILogger log, long attempt, long job, double seconds);

    [LoggerMessage(8, LogLevel.Information, "Leaving {Count} running attempts to the next start")]
    public static partial void Left(this ILogger log, int count);

    [LoggerMessage(36, LogLevel.Debug, "The server was not told that this worker stops: {Message}")]
    public static partial void DrainNotGiven(this ILogger log, string message);

    [LoggerMessage(9, LogLevel.Debug, "The session was not ended: {Message}")]
    public static partial void NotLeft(this ILogger log, string message);

    [LoggerMessage(10, LogLevel.Debug, "Attempt {Attempt} of job {Job} is granted")]
    public static partial void Granted(this ILogger log, long attempt, long job);

    [LoggerMessage(11, LogLevel.Information, "Following attempt {Attempt} of job {Job} again")]
    public static partial void Resumed(this ILogger log, long attempt, long job);

    [LoggerMessage(12, LogLevel.Debug, "Attempt {Attempt} ended as {Outcome}; job {Job} is {State}")]
    public static partial void Ended(this ILogger log, long attempt, long job, string outcome, string state);

    [LoggerMessage(13, LogLevel.Warning, "Attempt {Attempt} of job {Job} could not begin: {Message}")]
    public static partial void NotBegun(this ILogger log, long attempt, long job, string message);

    [LoggerMessage(14, LogLevel.Warning, "Attempt {Attempt} of job {Job} is not this worker's any more and was ended")]
    public static partial void Forgotten(this ILogger log, long attempt, long job);

    [LoggerMessage(15, LogLevel.Warning, "The server has no use for attempt {Attempt} of job {Job}: {Message}")]
    public static partial void Refused(this ILogger log, long attempt, long job, string message);

    [LoggerMessage(16, LogLevel.Error, "Attempt {Attempt} of job {Job} cannot be reported and was ended: {Message}")]
    public static partial void Unreportable(this ILogger log, long attempt, long job, string message);

    [LoggerMessage(
        17,
        LogLevel.Error,
        "Attempt {Attempt} of job {Job} wrote events up to {Written}, and only those up to {Read} are on disk"
    )]
    public static partial void EventsLost(this ILogger log, long attempt, long job, long read, long written);

    [LoggerMessage(18, LogLevel.Error, "Attempt {Attempt} of job {Job} cannot be followed; its folder is kept")]
    public static partial void Broken(this ILogger log, Exception exception, long attempt, long job);

    [LoggerMessage(19, LogLevel.Information, "Attempt {Attempt} of job {Job} had not begun and was given back")]
    public static partial void Released(this ILogger log, long attempt, long job);

    [LoggerMessage(20, LogLevel.Warning, "Attempt {Attempt} of job {Job} could not be given back: {Message}")]
    public static partial void NotReleased(this ILogger log, long attempt, long job, string message);

    [LoggerMessage(21, LogLevel.Warning, "The folder {Folder} could not be deleted: {Message}")]
    public static partial void NotDeleted(this ILogger log, string folder, string message);

    [LoggerMessage(22, LogLevel.Warning, "The folder {Folder} is no attempt and was deleted")]
    public static partial void NoAttempt(this ILogger log, string folder);

    [LoggerMessage(30, LogLevel.Warning, "The Python template ended with {Code} and is started again: {LastWords}")]
    public static partial void TemplateEnded(this ILogger log, int code, string lastWords);

    [LoggerMessage(31, LogLevel.Error, "{Message}")]
    public static partial void TemplateNotStarted(this ILogger log, string message);

    [LoggerMessage(32, LogLevel.Warning, "Python template: {Line}")]
    public static partial void TemplateSaid(this ILogger log, string line);

    [LoggerMessage(33, LogLevel.Warning, "Python template: {Note}")]
    public static partial void TemplateNotes(this ILogger log, string note);

    [LoggerMessage(35, LogLevel.Warning, "/dev/shm is no memory here: secrets of jobs lie in {Folder} while they run")]
    public static partial void SecretsOnDisk(this ILogger log, string folder);

    [LoggerMessage(34, LogLevel.Warning, "The server does not keep the {Kind} {Digest} for records: {Message}")]
    public static partial void PartRefused(this ILogger log, string kind, string digest, string message);

    [LoggerMessage(36, LogLevel.Warning, "The pool's data folder {Name} is not shown to jobs: {Problem}")]
    public static partial void DataFolderNotShown(this ILogger log, string name, string problem);

    [LoggerMessage(37, LogLevel.Error, "{File} cannot be touched, so that jobs take the server for silent: {Problem}")]
    public static partial void NotMarked(this ILogger log, string file, string problem);
}
