using Alidade.Storage.Metrics;

namespace Alidade.Storage.Runs;

/// <summary>
/// Comparisons of one number that must all hold, as the ordered doubles from one to another. Both bounds of a range are told
/// at once: of several conditions SQLite takes one for its index and walks past all that only the others would exclude.
/// </summary>
internal sealed record RunRange(RunField Field, string Key, long Least, long Greatest) : RunPredicate
{
    /// <summary>NaN never matches.</summary>
    private static readonly long Real = OrderedDouble.ToLong(double.NaN) - 1;

    /// <summary>Null for what is no range.</summary>
    public static RunRange? Of(RunPredicate predicate) =>
        predicate is RunCondition { Field: not (RunField.Attribute or RunField.Tag), Value: double value } condition
        && Bounds(condition.Comparator, value) is var (least, greatest)
            ? new RunRange(condition.Field, condition.Key, least, greatest)
            : null;

    /// <summary>Ranges of the same number as one, where the first of them stands.</summary>
    public static IReadOnlyList<RunPredicate> Merge(IEnumerable<RunPredicate> predicates)
    {
        var merged = new List<RunPredicate>();
        foreach (var predicate in predicates)
        {
            var range = Of(predicate);
            var at = range is null ? -1 : merged.FindIndex(m => m is RunRange r && r.IsOf(range));
            if (at >= 0)
            {
                merged[at] = ((RunRange)merged[at]).And(range!);
            }
            else
            {
                merged.Add(range ?? predicate);
            }
        }

        return merged;
    }

    private bool IsOf(RunRange other) => Field == other.Field && Key == other.Key;

    private RunRange And(RunRange other) =>
        this with
        {
            Least = Math.Max(Least, other.Least),
            Greatest = Math.Min(Greatest, other.Greatest),
        };

    /// <summary>Both zeros are one number.</summary>
    private static (long Least, long Greatest)? Bounds(string comparator, double value)
    {
        var least = OrderedDouble.ToLong(value == 0 ? -0.0 : value);
        var greatest = OrderedDouble.ToLong(value == 0 ? 0.0 : value);
        return comparator switch
        {
            "=" => (least, greatest),
            "<" => (long.MinValue, least - 1),
            "<=" => (long.MinValue, greatest),
            ">" => (greatest + 1, Real),
            ">=" => (least, Real),
            _ => null,
        };
    }
}
