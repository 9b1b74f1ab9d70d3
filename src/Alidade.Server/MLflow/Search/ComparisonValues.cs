using Alidade.Engine.Search.Filters;
using Alidade.Server.MLflow.Protocol;

namespace Alidade.Server.MLflow.Search;

/// <summary>What comparisons compare with, refused in MLflow's words where it is of the wrong kind.</summary>
internal static class ComparisonValues
{
    /// <param name="what">What is compared, for the refusal: <c>metric</c>.</param>
    public static double NumberOf(this Comparison c, string what) =>
        c.Number ?? throw MlflowException.Invalid($"Expected numeric value type for {what}. Found {c.Said}");

    /// <summary>The text, or the list of texts, that it compares with.</summary>
    public static object TextOf(this Comparison c, string what) =>
        c.Text
        ?? throw MlflowException.Invalid(
            c.IsList
                ? $"Expected a list of quoted string values for {what}. Got {c.Said}"
                : $"Expected a quoted string value for {what} (e.g. 'my-value'). Got value {c.Said}"
        );

    public static void RequireComparator(this Comparison c, params string[] allowed)
    {
        if (!allowed.Contains(c.Comparator))
        {
            throw MlflowException.Invalid(
                c.Comparator.EndsWith("NULL", StringComparison.Ordinal)
                    ? $"IS NULL / IS NOT NULL is only supported for tags and params of runs, not for {c.Key}"
                    : $"Invalid comparator '{c.Comparator}' not one of '{{{string.Join(", ", allowed.Select(PythonText.Repr))}}}'"
            );
        }
    }
}
