using System.IO.Enumeration;

namespace Alidade.Engine.Protocol;

/// <summary>Names of queues with <c>*</c> and <c>?</c>, as workers and their tokens have them.</summary>
public static class QueuePatterns
{
    public static bool Matches(string queue, IReadOnlyList<string> patterns) =>
        patterns.Any(pattern =>
            FileSystemName.MatchesSimpleExpression(
                pattern.Replace(@"\", @"\\", StringComparison.Ordinal),
                queue,
                ignoreCase: false
            )
        );

    /// <summary>Whether this is a single name.</summary>
    public static bool IsName(string pattern) => pattern.AsSpan().IndexOfAny('*', '?') < 0;
}
