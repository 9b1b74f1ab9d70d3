namespace Alidade.Storage.Logs;

/// <summary>A line of a run's log.</summary>
/// <param name="Number">From 1, dense over the run.</param>
/// <param name="Time">Microseconds.</param>
/// <param name="Stream"><c>stdout</c>, <c>stderr</c>, <c>log</c> or <c>system</c>.</param>
public sealed record LogLine(
    long Number,
    long Time,
    string Stream,
    string Severity,
    string? Step,
    string? Logger,
    string Message
)
{
    public static IReadOnlyList<string> Streams { get; } = ["stdout", "stderr", "log", "system"];

    public static IReadOnlyList<string> Severities { get; } = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];
}

/// <summary>Lines in order, and how far the log goes.</summary>
/// <param name="Last">Number of the last line that was looked at; ask after it for more.</param>
/// <param name="End">There was nothing more when this was read.</param>
public sealed record LogPage(IReadOnlyList<LogLine> Lines, long Last, bool End);
