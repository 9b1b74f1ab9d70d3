using System.Text.Json.Serialization;

namespace Alidade.Server.Metrics;

/// <summary>Which series, of which jobs and runs, and what part of them. Repeat a parameter for several.</summary>
/// <param name="Jobs">Ids of jobs.</param>
/// <param name="Runs">Ids of runs.</param>
/// <param name="Names">Names of metrics; all when none is named.</param>
/// <param name="Points">About how many points of each series to give.</param>
/// <param name="Axis"><c>step</c> or <c>time</c>: what <paramref name="From"/>, <paramref name="To"/> and the thinning go by.</param>
/// <param name="From">The least step, or time in microseconds.</param>
/// <param name="Cursor">Of an earlier answer to the same question: only what has come since.</param>
/// <param name="Format"><c>json</c> or <c>binary</c>.</param>
public sealed record SeriesQuestion(
    long[]? Jobs,
    string[]? Runs,
    string[]? Names,
    int? Points,
    string? Axis,
    long? From,
    long? To,
    string? Cursor,
    string? Format
);

/// <summary>One series, to be read to its end.</summary>
/// <param name="After">The <c>next</c> of the page before.</param>
/// <param name="Limit">Points of a page.</param>
public sealed record PointsQuestion(long? Job, string? Run, string Name, string? After, int? Limit, string? Format);

/// <param name="Cursor">Asks for what has come since.</param>
/// <param name="Delta">Only what is new is here; a series without anything new is not.</param>
/// <param name="Next">Where the next page begins; null on the last one.</param>
public sealed record SeriesAnswer(
    IReadOnlyList<SeriesPart> Series,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Cursor = null,
    bool Delta = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Next = null
);

/// <summary>A series with points as columns; times in microseconds.</summary>
/// <param name="Job">Null for a run that stands alone.</param>
/// <param name="Count">How many points have come, repetitions counted too.</param>
/// <param name="Whole">No point of the range was left out.</param>
public sealed record SeriesPart(
    long? Job,
    string Run,
    string Name,
    long Count,
    [property: JsonConverter(typeof(PythonFloat))] double Last,
    long LastStep,
    long LastTime,
    [property: JsonConverter(typeof(PythonFloat))] double Min,
    [property: JsonConverter(typeof(PythonFloat))] double Max,
    bool Whole,
    IReadOnlyList<long> Steps,
    IReadOnlyList<long> Times,
    [property: JsonConverter(typeof(PythonFloats))] IReadOnlyList<double> Values
);
