namespace Alidade.Worker.Doctor;

/// <summary>How good a finding is.</summary>
public enum Health
{
    Good,

    /// <summary>The worker works, and could be better.</summary>
    Fair,

    /// <summary>The worker, or some of its jobs, will not work.</summary>
    Bad,
}

/// <summary>One thing the doctor looked at.</summary>
/// <param name="Subject">A word: <c>server</c>, <c>token</c>, <c>isolation</c>.</param>
/// <param name="Fix">What to do about it; null when nothing is to be done.</param>
public sealed record Finding(string Subject, Health Health, string Message, string? Fix = null)
{
    internal static Finding Good(string subject, string message) => new(subject, Health.Good, message);

    internal static Finding Fair(string subject, string message, string fix) => new(subject, Health.Fair, message, fix);

    internal static Finding Bad(string subject, string message, string fix) => new(subject, Health.Bad, message, fix);
}
