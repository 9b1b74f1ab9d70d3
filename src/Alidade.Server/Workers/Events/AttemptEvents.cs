using System.Text.Json;
using Alidade.Storage.Logs;
using Alidade.Storage.Metrics;

namespace Alidade.Server.Workers.Events;

/// <summary>A batch of an attempt's events, sorted by where they go.</summary>
/// <param name="From">Number of the first event.</param>
/// <param name="To">Number of the last event.</param>
/// <param name="Core">What changes the run's record or the job, in order; most batches have none.</param>
public sealed record AttemptEvents(
    long From,
    long To,
    IReadOnlyList<LogLine> Lines,
    IReadOnlyList<MetricPoint> Points,
    IReadOnlyList<CoreEvent> Core
)
{
    public static AttemptEvents Nothing { get; } = new(0, 0, [], [], []);
}

/// <summary>An event that is written to core.</summary>
public abstract record CoreEvent(long Number, long Time);

/// <param name="Facts">JSON: the whole event.</param>
public sealed record StartEvent(long Number, long Time, string Facts) : CoreEvent(Number, Time);

public sealed record StepEvent(long Number, long Time, string Name, string State, string? Error)
    : CoreEvent(Number, Time);

/// <param name="Value">JSON.</param>
public sealed record ResultEvent(long Number, long Time, string Name, string Value) : CoreEvent(Number, Time);

public sealed record ParameterEvent(long Number, long Time, string Name, string Value) : CoreEvent(Number, Time);

public sealed record TagEvent(long Number, long Time, string Name, string Value) : CoreEvent(Number, Time);

/// <summary>Files handed over; their contents are already in the blob store.</summary>
public sealed record ArtifactEvent(
    long Number,
    long Time,
    string Name,
    bool Folder,
    IReadOnlyList<EventFile> Files,
    string? MediaType,
    string? Description,
    EventTask? Task
) : CoreEvent(Number, Time);

public sealed record EventFile(string Path, long Size, string Sha256);

/// <summary>The artifact task that made an output of the artifact graph.</summary>
public sealed record EventTask(string Module, string Name);

/// <summary>The batch cannot be read; the message says at which event and why.</summary>
public sealed class EventFormatException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The batch begins after the next expected event.</summary>
public sealed class EventGapException(long expected, long found)
    : Exception($"Event {expected} is expected next, not {found}. Send from {expected} on.");

internal static class EventJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web) { MaxDepth = 32 };
}
