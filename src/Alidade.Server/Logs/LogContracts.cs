using Alidade.Server.Platform.Input;

namespace Alidade.Server.Logs;

/// <summary>Records of a logger, as a client sends them.</summary>
public sealed record LogInput([Length(1, 10_000)] IReadOnlyList<LogRecordInput> Data);

public sealed record LogRecordInput(
    [OneOf("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")] string Severity,
    [Length(0, 1000)] string LoggerName,
    [Length(0, 1_000_000)] string Message
);

public sealed record LogRecordView(string Severity, string LoggerName, string Message, string CreatedOn);

/// <summary>Lines after a number; <c>last</c> is the number to ask after next.</summary>
/// <param name="Complete">The job has ended and there is nothing more.</param>
public sealed record LinesView(IReadOnlyList<LineView> Lines, long Last, bool Complete);

/// <param name="N">Number, from 1.</param>
/// <param name="T">Microseconds since 1970 UTC.</param>
/// <param name="S">stdout, stderr, log or system.</param>
/// <param name="L">Severity.</param>
public sealed record LineView(long N, long T, string S, string L, string? Step, string? Logger, string M);
