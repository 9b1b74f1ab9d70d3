namespace Alidade.Storage.Jobs;

/// <summary>Spans in microseconds by which silence and delay are judged. The server alone measures them.</summary>
public static class Timing
{
    public const long Second = 1_000_000;

    /// <summary>A worker says what it runs this often.</summary>
    public const long Renew = 15 * Second;

    /// <summary>After this silence a job is shown as unreachable; its worker still owns it.</summary>
    public const long Lease = 60 * Second;

    /// <summary>After this silence a job is taken away and tried again; the default of a queue.</summary>
    public const long LostAfter = 300 * Second;

    /// <summary>The least that may be set instead: a worker needs several renewals to be told apart from a silent one.</summary>
    public const long LeastLostAfter = 60 * Second;

    public const long MostLostAfter = 24 * 3600 * Second;

    /// <summary>Losses within this time count as a sign that the job takes its workers down.</summary>
    public const long Poison = 72 * 3600 * Second;

    /// <summary>A key of a submit is remembered this long.</summary>
    public const long KeyKept = 7 * 86400 * Second;

    /// <summary>Preparing an environment may take this long.</summary>
    public const long Preparing = 30 * 60 * Second;

    /// <summary>The worker enforces the time limit; the server steps in this much later.</summary>
    public const long TimeLimitGrace = 120 * Second;

    /// <summary>Two renewals closer than this count as one: the first may have crossed the grant on its way.</summary>
    public const long BetweenMisses = 5 * Second;
}
