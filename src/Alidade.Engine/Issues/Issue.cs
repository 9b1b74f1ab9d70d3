namespace Alidade.Engine.Issues;

/// <summary>Something wrong, or worth a second look, in an entrypoint.</summary>
/// <param name="Message">What is wrong, in one line, with the step or parameter it is about.</param>
/// <param name="Document">A name of <see cref="Documents"/>; null when it is about the whole.</param>
/// <param name="Line">From 1, in <paramref name="Document"/>.</param>
/// <param name="Column">From 1.</param>
/// <param name="Hint">What to do about it, such as the name that was probably meant.</param>
public sealed record Issue(
    IssueType Type,
    IssueSeverity Severity,
    string Message,
    string? Document = null,
    int? Line = null,
    int? Column = null,
    string? Hint = null
)
{
    public static Issue Error(IssueType type, string message, Place? place, string? hint = null) =>
        new(type, IssueSeverity.Error, message, place?.Document, place?.Line, place?.Column, hint);

    public static Issue Warning(IssueType type, string message, Place? place, string? hint = null) =>
        new(type, IssueSeverity.Warning, message, place?.Document, place?.Line, place?.Column, hint);

    /// <summary>The place, the message and the hint as one line of text.</summary>
    public override string ToString()
    {
        var place = (Document, Line) switch
        {
            (null, _) => "",
            (_, null) => $"{Document}: ",
            _ => $"{Document} {Line}:{Column}: ",
        };
        return Hint is null ? place + Message : $"{place}{Message} ({Hint})";
    }
}

/// <summary>Schema: not built as it should be. Semantic: names and calls do not fit. Type: values do not fit.</summary>
public enum IssueType
{
    Schema,
    Semantic,
    Type,
}

public enum IssueSeverity
{
    Error,
    Warning,
}

/// <summary>The names these have in the API.</summary>
public static class IssueNames
{
    public static string Name(this IssueType type) => type.ToString().ToUpperInvariant();

    public static string Name(this IssueSeverity severity) => severity.ToString().ToUpperInvariant();

    public static bool HasErrors(this IEnumerable<Issue> issues) =>
        issues.Any(issue => issue.Severity == IssueSeverity.Error);
}
