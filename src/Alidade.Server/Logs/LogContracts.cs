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

/// <summary>Lines of a run from one that writes its log, such as a process. Its batches are numbered from 1.</summary>
/// <param name="Writer">Any name that no other writer of this run has.</param>
public sealed record LogBatchInput(
    [Length(1, 100)] string Writer,
    long Batch,
    [Length(0, 10_000)] IReadOnlyList<LogLineInput> Lines
);

/// <param name="Time">Microseconds since 1970 UTC.</param>
public sealed record LogLineInput(
    long Time,
    [OneOf("stdout", "stderr", "log", "system")] string Stream,
    [OneOf("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")] string Severity,
    [Length(0, 1_000_000)] string Message,
    [Length(0, 1000)] string? Logger = null
);

/// <param name="Batch">The newest that is kept of this writer.</param>
/// <param name="Last">Number of the newest line of the run.</param>
public sealed record LogBatchView(long Batch, long Last);
